"""Hypothesis strategies for the values of this library.

All values are valid. Among them are those that a careless storage, import or screen
confuses: names that count as the same and names that almost do, codes that look like
numbers, customers whose key is the code of somebody else.

Nothing is registered with Hypothesis. One line in your ``conftest.py`` makes ``from_type``
know a class, and with it every function that has the class in its signature::

    st.register_type_strategy(CustomerGroup, groups())
"""

from customer_groups.testing.strategies.cells import hostile_cells
from customer_groups.testing.strategies.directories import customers
from customer_groups.testing.strategies.expected import ExpectedOutcome
from customer_groups.testing.strategies.identifiers import (
    customer_codes,
    customer_keys,
    group_codes,
)
from customer_groups.testing.strategies.lists import ImportText, import_texts
from customer_groups.testing.strategies.naming import (
    NameFamily,
    name_families,
    name_variants,
    names,
    near_misses,
)
from customer_groups.testing.strategies.records import (
    actors,
    attributes,
    groups,
    memberships,
    times,
)
from customer_groups.testing.strategies.searches import queries

__all__ = [
    "ExpectedOutcome",
    "ImportText",
    "NameFamily",
    "actors",
    "attributes",
    "customer_codes",
    "customer_keys",
    "customers",
    "group_codes",
    "groups",
    "hostile_cells",
    "import_texts",
    "memberships",
    "name_families",
    "name_variants",
    "names",
    "near_misses",
    "queries",
    "times",
]
