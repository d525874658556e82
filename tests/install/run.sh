#!/usr/bin/env bash
# Installs a build into an empty prefix and uses it as an outsider would: the pkg-config file, the
# header, the library, the manual page, the example of docs/library.md. usage: tests/install/run.sh BUILD_DIR
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=${1:?usage: tests/install/run.sh BUILD_DIR}
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
passed=0
failed=0

check() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$name"
    fi
}

# use_library COMPILER SOURCE ARGUMENT...: compiles SOURCE as an outsider would, and runs it.
use_library() {
    local compiler=$1 source=$2 pc flags
    shift 2
    pc=$(find "$prefix" -name plimsoll.pc)
    # The file names the prefix of the configuration; `cmake --install --prefix` chose another.
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") \
        pkg-config --define-variable=prefix="$prefix" --cflags --libs plimsoll) || return 1
    # shellcheck disable=SC2086
    "$compiler" -std=c17 -Wall -Wextra -Werror -o "$prefix/outsider" "$source" $flags &&
        "$prefix/outsider" "$@"
}

whole_page() {
    test -s "$1" && grep -q '</html>' "$1"
}

check "cmake --install" cmake --install "$build" --prefix "$prefix"
check "the binary" "$prefix/bin/plimsoll" --version
check "a minute of a market" "$prefix/bin/plimsoll" synth --duration 1m -o "$prefix/market.tape"
outsider=("$prefix/market.tape" "$prefix/report.html")
check "the library with gcc" use_library gcc tests/install/outsider.c "${outsider[@]}"
check "its report" whole_page "$prefix/report.html"
if command -v clang >/dev/null; then
    check "the library with clang" use_library clang tests/install/outsider.c "${outsider[@]}"
fi
sed -n '/^```c$/,/^```$/{/^```/d;p}' docs/library.md >"$prefix/example.c"
check "the example of docs/library.md" use_library gcc "$prefix/example.c" "$prefix/market.tape"
if command -v g++ >/dev/null; then
    check "the header as C++" g++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
        -I"$prefix/include" -include plimsoll/plimsoll.h -x c++ /dev/null
fi
check "the manual page" mandoc -T lint -W warning "$prefix/share/man/man1/plimsoll.1"
check "only the promised headers" test "$(cd "$prefix/include" && find . -type f | sort | xargs)" = \
    "$(cd include && find . -name '*.h' | sort | xargs)"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
