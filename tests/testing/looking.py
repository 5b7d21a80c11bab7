"""How long the kit looks at our own adapters."""

import os
from collections.abc import Mapping

from customer_groups.testing.profiles import ProfileName

__all__ = ["PROFILE"]

_BY_HYPOTHESIS: Mapping[str, ProfileName] = {"quick": "quick", "deep": "deep"}

PROFILE: ProfileName = _BY_HYPOTHESIS.get(os.environ.get("HYPOTHESIS_PROFILE", ""), "standard")
"""As long as Hypothesis does."""
