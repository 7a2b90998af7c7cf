"""Text, tables and addresses of attachments. `read` reads here, `read_capped` in a limited process."""

from crawler.documents.capped import read_capped
from crawler.documents.reading import read
from crawler.documents.record import WHY, DocumentText, Limits, Table

__all__ = ["WHY", "DocumentText", "Limits", "Table", "read", "read_capped"]
