// SPDX-License-Identifier: LGPL-2.1-or-later
// first-payment GATEWAY KEY-FILE TERMINAL AMOUNT
int main (string[] args) {
    if (args.length != 5)
        return 64;
    try {
        var client = new Tgw.Client.from_key_file (args[1], args[2]);
        // What the last run left behind comes here too.
        client.payment_completed.connect ((payment) => {
            print ("%s: %s\n", payment.transaction_id, payment.verdict_message);
            try {
                // First it goes into the till's own books. Without this call it is told again after a restart.
                client.acknowledge (payment, 0);
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
        });
        client.connect_sync (null);
        var payment = client.pay_sync (args[3], new Tgw.PaymentRequest.from_text (args[4], "EUR"), null);
        var approved = payment.outcome == Tgw.Outcome.APPROVED;
        print ("%s: %s\n", approved ? "approved" : "not approved", payment.verdict_message);
        return approved ? 0 : 2;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
