SELECT kernel_keep('payments_payment', 'id', 'practice_id', 'number', 'received_on', 'total_minor',
                   'lot_id', 'entry_id', 'replaces_id'),
       kernel_keep('payments_paymentpart', 'id', 'practice_id', 'payment_id', 'source_id',
                   'amount_minor', 'rounding_minor'),
       kernel_keep('payments_allocation', 'id', 'practice_id', 'lot_id', 'invoice_id',
                   'amount_minor', 'allocated_on', 'entry_id'),
       kernel_append_only('payments_allocationreturn'),
       kernel_keep('payments_refund', 'id', 'practice_id', 'number', 'total_minor', 'entry_id'),
       kernel_append_only('payments_refundpart');
