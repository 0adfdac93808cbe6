// SPDX-License-Identifier: LGPL-2.1-or-later
class Till {
    private MainLoop loop = new MainLoop ();
    private Tgw.Client client;
    private Tgw.PaymentRequest? request = null;

    public Till (string gateway, string key_file, string? amount) throws Error {
        client = new Tgw.Client.from_key_file (gateway, key_file);
        if (amount != null)
            request = new Tgw.PaymentRequest.from_text (amount, "EUR");
        client.payment_completed.connect (on_news);
        client.payment_voided.connect (on_news);
        client.payment_void_confirmed.connect (on_news);
        client.payment_void_failed.connect (on_news);
        client.payment_conflict.connect (on_news);
    }

    private void on_news (Tgw.Payment payment) {
        var recovered = payment.recovered_from != Tgw.Recovery.NONE ? " (recovered)" : "";
        print ("%s: %s%s\n", payment.transaction_id, payment.verdict_message, recovered);
        try {
            // First the news go into the till's own books, then:
            client.acknowledge (payment, payment.revision);
        } catch (Error error) {
            printerr ("%s\n", error.message);
        }
    }

    private async void connect_and_pay () {
        try {
            yield client.connect_async (null);
            if (request != null)
                yield client.pay_async ("TERM-001", request, null);
        } catch (Error error) {
            printerr ("Not yet: %s\n", error.message); // it goes on trying
        }
    }

    public void run () {
        var unclaimed = client.unclaimed;
        unclaimed.items_changed.connect (() => {
            if (unclaimed.get_n_items () == 0)
                loop.quit ();
        });
        print ("%u unclaimed\n", unclaimed.get_n_items ());
        if (unclaimed.get_n_items () == 0 && request == null)
            return;
        // From here on the news of the last run are told, as if they had just come.
        connect_and_pay.begin ();
        loop.run ();
    }
}

// recovery GATEWAY KEY-FILE [AMOUNT]: what the last run left behind, then perhaps a payment on TERM-001
int main (string[] args) {
    try {
        new Till (args[1], args[2], args.length > 3 ? args[3] : null).run ();
        return 0;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
