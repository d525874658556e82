# Shared by the end-to-end scripts: counts checks, keeps a scratch folder. Source it.
# shellcheck shell=bash
: "${PL_BIN:=$PWD/build/release/plimsoll}"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

ok() {
    printf 'ok: %s\n' "$1"
    passed=$((passed + 1))
}

not_ok() {
    printf 'FAILED: %s\n' "$1"
    failed=$((failed + 1))
}

# expect NAME CODE [WORDS] -- COMMAND...: exit code, and words (an extended regular expression)
# somewhere in what it printed.
expect() {
    local name=$1 code=$2 words="" got
    shift 2
    if [ "$1" != -- ]; then
        words=$1
        shift
    fi
    shift
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    if [ "$got" -ne "$code" ]; then
        not_ok "$name: ended with $got, not $code"
    elif [ -n "$words" ] && ! grep -qE -- "$words" "$scratch/out" "$scratch/err"; then
        not_ok "$name: says nothing like '$words'"
    else
        ok "$name"
        return 0
    fi
    head -n 12 "$scratch/out" "$scratch/err"
    return 1
}

finish() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
    exit
}
