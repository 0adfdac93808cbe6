// SPDX-License-Identifier: LGPL-2.1-or-later
// What a button “Use this till” does.
void take_back (Tgw.Client client) {
    client.connect_async.begin (null);
}

// displacement GATEWAY KEY-FILE [take-back]
int main (string[] args) {
    var button_pressed = args.length > 3;
    try {
        var client = new Tgw.Client.from_key_file (args[1], args[2]);
        client.displaced.connect ((reason, message, reconnect_allowed, by) => {
            print ("displaced by %s: %s\n", by ?? "somebody", message);
            if (reconnect_allowed && button_pressed)
                take_back (client);
        });
        client.notify["state"].connect (() => {
            if (client.state == Tgw.ClientState.CONNECTED)
                print ("connected\n");
        });
        client.connect_async.begin (null);
        new MainLoop ().run ();
        return 0;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
