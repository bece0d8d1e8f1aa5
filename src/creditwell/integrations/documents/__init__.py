"""
Documents: invoices, credit notes, receipts and statements as PDF. Data in, bytes out.

Build one of the frozen shapes in `shapes` and hand it to its function in `render`;
`conventions` knows the paper and the heading of a country.
"""
