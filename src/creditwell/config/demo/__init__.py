"""The demo clinic: made-up patients and a year of their visits, invoices, payments and credit."""

from __future__ import annotations

from creditwell.config.demo.load import EMAIL as EMAIL
from creditwell.config.demo.load import LOADING as LOADING
from creditwell.config.demo.load import PASSWORD as PASSWORD
from creditwell.config.demo.load import load as load
