"""How long the kit looks at our own adapters."""

import os
from typing import cast

from customer_groups.testing.profiles import ProfileName

__all__ = ["ON_SERVERS", "PROFILE", "TAKES_TIME"]

_CHOSEN = cast("ProfileName | None", os.environ.get("CUSTOMER_GROUPS_KIT_PROFILE"))
_HYPOTHESIS = os.environ.get("HYPOTHESIS_PROFILE")
_LIKE_HYPOTHESIS: ProfileName = (
    "quick" if _HYPOTHESIS == "quick" else "deep" if _HYPOTHESIS == "deep" else "standard"
)

PROFILE: ProfileName = _CHOSEN or _LIKE_HYPOTHESIS
"""As long as Hypothesis does, if nothing is chosen."""

ON_SERVERS: ProfileName = _CHOSEN or ("deep" if PROFILE == "deep" else "quick")
"""Servers take several times as long for the same; `nox` chooses more than this for them."""

TAKES_TIME = _CHOSEN is not None or PROFILE == "deep"
"""Whether to run what takes too long for every run; `nox -s full` does."""
