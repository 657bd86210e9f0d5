//! What a host does with a command whose time is over.

use beffroi_tests::{Containers, Sandbox};
use serde_json::json;

const HOSTS: [&str; 3] = ["deb-1", "busy-1", "busy-2"];

#[test]
fn nothing_goes_on_of_a_command_whose_time_is_over() {
    let Some(lab) = Containers::up(&HOSTS) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &HOSTS);
    for name in HOSTS {
        // A child, and a child of a child.
        let command = "sleep 7531 & (sleep 7531; :) & sleep 7531; :";
        let data = sandbox.json(&["run", "--timeout", "3", "--on", name, "--", command]).exit(1).data("run");
        assert_eq!(data["results"][0]["error"]["code"], json!("timed-out"), "{name}: {data}");
        let each = "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done | grep '^sleep 753[1]' || :";
        assert_eq!(lab.host(name).exec(each), "", "{name}: told when it was ended, not before");
    }
}
