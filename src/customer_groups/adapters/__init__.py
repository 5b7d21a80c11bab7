"""Adapters for the storage protocols, each imported from its own path."""
