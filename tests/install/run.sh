#!/usr/bin/env bash
# Installs a build into an empty prefix and uses it as an outsider would: the pkg-config file, the
# header, the library, the manual page. usage: tests/install/run.sh BUILD_DIR
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

use_library() {
    local compiler=$1 pc flags
    pc=$(find "$prefix" -name plimsoll.pc)
    # The file names the prefix of the configuration; `cmake --install --prefix` chose another.
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") \
        pkg-config --define-variable=prefix="$prefix" --cflags --libs plimsoll) || return 1
    # shellcheck disable=SC2086
    "$compiler" -std=c17 -Wall -Wextra -Werror -o "$prefix/outsider" tests/install/outsider.c $flags &&
        "$prefix/outsider"
}

check "cmake --install" cmake --install "$build" --prefix "$prefix"
check "the library with gcc" use_library gcc
if command -v clang >/dev/null; then
    check "the library with clang" use_library clang
fi
check "the binary" "$prefix/bin/plimsoll" --version
check "the manual page" mandoc -T lint -W warning "$prefix/share/man/man1/plimsoll.1"
check "only the promised headers" test "$(cd "$prefix/include" && find . -type f | sort | xargs)" = \
    "$(cd include && find . -name '*.h' | sort | xargs)"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
