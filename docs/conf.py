"""How Sphinx builds the documentation."""

from importlib.metadata import version as installed_version

project = "customer_groups"
author = "The customer_groups maintainers"
project_copyright = "2026, The customer_groups maintainers"
version = release = installed_version("customer-groups")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "py:obj"

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

myst_heading_anchors = 2

html_theme = "furo"
html_title = "customer_groups"
