SELECT kernel_keep('credit_lot', 'id', 'practice_id', 'account_id', 'kind', 'original_minor',
                   'received_on', 'refundable');
