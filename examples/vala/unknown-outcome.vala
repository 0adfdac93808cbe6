// SPDX-License-Identifier: LGPL-2.1-or-later
// What the till shows, whatever the payment's state: the verdict has a sentence for each of them.
void show (Tgw.Payment payment) {
    print ("%s ", payment.transaction_id);
    switch (payment.money_moved) {
    case Tgw.MoneyMoved.YES:
        print ("paid: ");
        break;
    case Tgw.MoneyMoved.NO:
        print ("not paid: ");
        break;
    default:
        print ("unknown: "); // neither hand out the goods nor charge again
        break;
    }
    print ("%s\n", payment.verdict_message);
}

async void pay (Tgw.Client client, string terminal, Tgw.PaymentRequest request) {
    try {
        var payment = yield client.pay_async (terminal, request, null);
        if (payment.outcome == Tgw.Outcome.UNKNOWN)
            show (payment);
    } catch (Error error) {
        printerr ("Nothing was sent, trying again is safe: %s\n", error.message);
    }
}

// unknown-outcome GATEWAY KEY-FILE TERMINAL SECONDS: waits so long for the outcome of a payment
int main (string[] args) {
    var loop = new MainLoop ();
    try {
        var client = new Tgw.Client.from_key_file (args[1], args[2]);
        var request = new Tgw.PaymentRequest (1200, "EUR");
        // The client asks the gateway by itself until it knows. This may come minutes later, or after a restart: then it
        // is about a payment of an earlier run, and is told as soon as it connects.
        client.payment_completed.connect ((payment) => {
            show (payment);
            try {
                client.acknowledge (payment, 0);
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
            if (payment.transaction_id == request.get_transaction_id ())
                loop.quit ();
        });
        client.connect_sync (null);
        client.pay_timeout = int.parse (args[4]);
        pay.begin (client, args[3], request);
        loop.run ();
        return 0;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
