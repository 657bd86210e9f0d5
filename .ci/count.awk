# Counts of tests from what the runners print: "PASSED FAILED SKIPPED".

{ gsub(/\033\[[0-9;]*m/, "") }

# cargo test: "test result: ok. 12 passed; 0 failed; 1 ignored; …"
# cargo nextest: "     Summary [   1.2s] 12 tests run: 11 passed, 1 failed, 2 skipped"
# vitest: "      Tests  11 passed | 1 skipped (12)"
/^test result: / || /^ *Summary \[/ || /^ +Tests  / {
  for (i = 2; i <= NF; i++) {
    if ($i ~ /^passed/) passed += $(i - 1)
    else if ($i ~ /^failed/) failed += $(i - 1)
    else if ($i ~ /^(ignored|skipped|todo)/) skipped += $(i - 1)
  }
}

# unittest: "Ran 12 tests in 1.2s", then "OK (skipped=1)" or "FAILED (failures=1, errors=1, skipped=1)"
/^Ran [0-9]+ tests? in / { ran = $2 }
/^(OK|FAILED)( \(|$)/ {
  bad = named("failures") + named("errors") + named("unexpected successes")
  away = named("skipped")
  passed += ran - bad - away; failed += bad; skipped += away; ran = 0
}

# node --test: "ℹ pass 11" or "# pass 11"
/^(ℹ|#) (pass|fail|cancelled|skipped|todo) [0-9]+$/ {
  if ($2 == "pass") passed += $3
  else if ($2 ~ /^(fail|cancelled)$/) failed += $3
  else skipped += $3
}

function named(name) { return match($0, name "=[0-9]+") ? substr($0, RSTART + length(name) + 1) + 0 : 0 }

END { print passed + 0, failed + 0, skipped + 0 }
