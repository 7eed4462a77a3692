"""AI Hub 71592 (채용면접 인터뷰 데이터): label files, read in place without unpacking."""

from jaso_crawl.aihub.parse_label import BadLabelError, parse_label
from jaso_crawl.aihub.zip_member import LARGEST_LABEL, read_zip

__all__ = ["LARGEST_LABEL", "BadLabelError", "parse_label", "read_zip"]
