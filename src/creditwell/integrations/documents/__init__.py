"""Documents: invoices, receipts and statements as PDF (Typst). Data in, bytes out."""
