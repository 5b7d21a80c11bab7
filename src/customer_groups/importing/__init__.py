"""From lists of customers, in whatever form they come, to the members of groups."""

from customer_groups.files.reading import Detected
from customer_groups.importing.customers import ImportOptions, import_customers, import_into
from customer_groups.importing.report import ImportReport

__all__ = ["Detected", "ImportOptions", "ImportReport", "import_customers", "import_into"]
