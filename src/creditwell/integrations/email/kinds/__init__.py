"""
Every kind of message: when it is written, which gaps its text may have, and the built-in text.

No gap is about treatment: there is none for a service, an item or a practitioner, so no text that
a practice writes can tell more than what was paid.
"""

from creditwell.integrations.email.kinds._asked import ASKED
from creditwell.integrations.email.kinds._attendance import ATTENDANCE
from creditwell.integrations.email.kinds._credit import CREDIT
from creditwell.integrations.email.kinds._package import PACKAGES
from creditwell.integrations.email.kinds._shape import Gap, Kind, Wording, built_in
from creditwell.integrations.email.kinds._voucher import VOUCHER

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (*ASKED, ATTENDANCE, VOUCHER, *CREDIT, *PACKAGES)
}

__all__ = ["KINDS", "Gap", "Kind", "Wording", "built_in"]
