// SPDX-License-Identifier: LGPL-2.1-or-later
// The client is made, used and let go in this thread, whose main context it takes for its own.
string cash_desk (string gateway, string key_file, string terminal) {
    var context = new MainContext ();
    context.push_thread_default ();
    string text;
    try {
        var client = new Tgw.Client.from_key_file (gateway, key_file);
        // Here, too, what the last run left behind comes first.
        client.payment_completed.connect ((payment) => {
            if (payment.recovered_from != Tgw.Recovery.NONE)
                print ("%s: %s\n", payment.transaction_id, payment.verdict_message);
            try {
                client.acknowledge (payment, 0);
            } catch (Error error) {
                printerr ("%s\n", error.message);
            }
        });
        client.connect_sync (null);
        var payment = client.pay_sync (terminal, new Tgw.PaymentRequest (1200, "EUR"), null);
        text = payment.verdict_message;
    } catch (Error error) {
        text = error.message;
    }
    context.pop_thread_default ();
    // Texts and numbers cross over; objects that notify stay here.
    return text;
}

// threads GATEWAY KEY-FILE TERMINAL
int main (string[] args) {
    var loop = new MainLoop ();
    var thread = new Thread<void> ("cash-desk", () => {
        var text = cash_desk (args[1], args[2], args[3]);
        Idle.add (() => {
            print ("%s\n", text); // in the window's thread again
            loop.quit ();
            return Source.REMOVE;
        });
    });
    loop.run (); // the window goes on living meanwhile
    thread.join ();
    return 0;
}
