-- What a refund came off stands on its parts; older ones say it by their payment.
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE payments_refundpart DISABLE TRIGGER USER;
UPDATE payments_refundpart AS back SET lot_id = paid.lot_id, source_id = part.source_id
  FROM payments_paymentpart AS part
  JOIN payments_payment AS paid
    ON paid.practice_id = part.practice_id AND paid.id = part.payment_id
 WHERE part.practice_id = back.practice_id AND part.id = back.part_id;
ALTER TABLE payments_refundpart ENABLE TRIGGER USER;
SET CONSTRAINTS ALL DEFERRED;

SELECT kernel_keep('payments_transfer', 'id', 'practice_id', 'number', 'transferred_on',
                   'total_minor', 'entry_id'),
       kernel_keep('payments_transferpart', 'id', 'practice_id', 'transfer_id', 'from_lot_id',
                   'to_lot_id', 'amount_minor'),
       kernel_append_only('payments_transferreturn'),
       kernel_keep('payments_gift', 'id', 'practice_id', 'lot_id', 'given_on', 'entry_id'),
       kernel_keep('payments_lotexpiry', 'id', 'practice_id', 'lot_id', 'into', 'amount_minor',
                   'expired_on', 'entry_id'),
       kernel_append_only('payments_lotexpiryreturn'),
       kernel_keep('payments_voucher', 'id', 'practice_id', 'payer_id', 'code', 'payment_id',
                   'value_minor', 'sold_on'),
       kernel_append_only('payments_dishonour'),
       kernel_keep('payments_refundrequest', 'id', 'practice_id', 'parts', 'total_minor');
