// SPDX-License-Identifier: LGPL-2.1-or-later
// tell (state_dir, "TERM-001", "next", "decline"), in a sandbox on state_dir
void tell (string state_dir, string terminal, string what, string how) throws Error {
    new Subprocess (SubprocessFlags.STDOUT_SILENCE, "tgwctl", "sim", "--state-dir", state_dir, terminal, what, how)
        .wait_check ();
}

// A test of a till: a gateway and two terminals of its own, told what to do, gone when it ends.
int main (string[] args) {
    try {
        // It stops when its standard input ends, which happens also when this program crashes.
        var sandbox = new Subprocess (SubprocessFlags.STDIN_PIPE | SubprocessFlags.STDOUT_PIPE,
                                      "tgwctl", "sandbox", "--json", "--until-eof");
        var line = new DataInputStream (sandbox.get_stdout_pipe ()).read_line ();
        var ready = Json.from_string (line).get_object ();
        var state_dir = ready.get_string_member ("stateDir");

        Environment.set_variable ("XDG_STATE_HOME", state_dir, true); // the journal goes with the sandbox
        var client = new Tgw.Client.from_key_file (ready.get_string_member ("gateway"),
                                                   ready.get_string_member ("apiKeyFile"));
        tell (state_dir, "TERM-001", "next", "decline");
        client.connect_sync (null);
        var payment = client.pay_sync ("TERM-001", new Tgw.PaymentRequest (1200, "EUR"), null);
        assert (payment.outcome == Tgw.Outcome.DECLINED);
        print ("declined, as it was told to\n");

        client.close ();
        sandbox.get_stdin_pipe ().close ();
        sandbox.wait ();
        return 0;
    } catch (Error error) {
        printerr ("%s\n", error.message);
        return 1;
    }
}
