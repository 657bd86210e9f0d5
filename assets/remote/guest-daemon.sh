# What a daemon of Incus or LXD does goes on when the call that began it is cut. `client` is its client, `project` the guest's project.

# settled NAME: waits until it does nothing with a guest.
settled() {
    tries=0
    while is_worked_on "$1"; do
        [ "$tries" -lt 600 ] || fail "$client still works on $1"
        tries=$((tries + 1))
        sleep 1
    done
}
# Whether an operation on it runs. The client sorts the names of an object: `resources` comes before `status`.
is_worked_on() {
    "$client" query "/1.0/operations?recursion=1&project=$project" </dev/null 2>/dev/null | NAME=$1 awk '
        index($0, "/instances/" ENVIRON["NAME"] "\"") || index($0, "/instances/" ENVIRON["NAME"] "?") ||
            index($0, "/containers/" ENVIRON["NAME"] "\"") || index($0, "/containers/" ENVIRON["NAME"] "?") { hit = 1 }
        /"status": / { if (hit && /Running|Pending/) busy = 1; hit = 0 }
        END { exit !busy }'
}
