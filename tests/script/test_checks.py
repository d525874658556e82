#!/usr/bin/env python3
"""The checks in script/ find what they are for: each is shown a small tree with a fault in it."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
LAYERS = "base:\ncore: base\nbook: base core\noms: base core\napp: all\n"


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Tree(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="plimsoll-checks-")
        self.addCleanup(shutil.rmtree, self.root)
        os.makedirs(os.path.join(self.root, "script"))

    def run_script(self, name, *arguments):
        shutil.copy(os.path.join(ROOT, "script", name), os.path.join(self.root, "script", name))
        done = subprocess.run([sys.executable, os.path.join(self.root, "script", name), *arguments],
                              capture_output=True, text=True, check=False, cwd=self.root)
        return done.returncode, done.stdout + done.stderr


class Layers(Tree):
    def layers(self, layers=LAYERS, **files):
        write(self.root, "docs/layers.txt", layers)
        for path, text in files.items():
            write(self.root, "src/" + path.replace("__", "/").replace("_c", ".c"), text)
        return self.run_script("check-layers")

    def test_what_the_table_allows_passes(self):
        code, words = self.layers(book__book_c='#include "core/px.h"\n#include <stdio.h>\n')
        self.assertEqual((code, words), (0, "layers: 1 files in 5 rooms, 0 faults\n"))

    def test_an_upward_include_is_named_with_its_line(self):
        code, words = self.layers(book__book_c='#include "core/px.h"\n#include "oms/oms.h"\n')
        self.assertEqual(code, 1)
        self.assertIn("src/book/book.c:2: book/ may not include oms/\n", words)

    def test_permission_does_not_pass_on(self):
        code, words = self.layers("base:\ncore: base\nbook: core\n",
                                  book__book_c='#include "base/err.h"\n')
        self.assertEqual(code, 1)
        self.assertIn("book/ may not include base/", words)

    def test_unknown_rooms_and_cycles_are_faults(self):
        for layers, files, want in [
                (LAYERS, {"book__book_c": '#include "nowhere/x.h"\n'}, "names no room"),
                (LAYERS, {"book__book_c": '#include "px.h"\n'}, "names no room"),
                (LAYERS, {"cellar__x_c": "int x;\n"}, "no room in docs/layers.txt holds"),
                ("base: core\ncore: base\n", {"base__x_c": "int x;\n"}, "does not stand above"),
                ("base:\nbase:\n", {"base__x_c": "int x;\n"}, "stands twice")]:
            code, words = self.layers(layers, **files)
            self.assertEqual(code, 1, words)
            self.assertIn(want, words)


class Text(Tree):
    def text(self, path, text):
        subprocess.run(["git", "init", "-q", self.root], check=True)
        write(self.root, path, text)
        return self.run_script("check-text")

    def test_clean_text_passes(self):
        code, words = self.text("src/base/x.c", "/* the stubborn price of a home/run */\nint x;\n")
        self.assertEqual(code, 0, words)

    def test_faults_are_found(self):
        for path, text, want in [
                ("src/base/x.c", "int x; /* TO" + "DO: y */\n", "unfinished work"),
                ("src/base/x.c", "int x;\n\tint y;\n", "x.c:2: a tab"),
                ("src/base/x.c", "int x; \n", "blanks at the end"),
                ("docs/x.md", "see /ho" + "me/me/x\n", "a path of one machine"),
                ("docs/x.md", "https://py" + "pi.org/simple\n", "a registry host"),
                ("docs/x.md", "no end", "exactly one newline")]:
            code, words = self.text(path, text)
            self.assertEqual(code, 1, text)
            self.assertIn(want, words)
            os.remove(os.path.join(self.root, path))


class Banned(unittest.TestCase):
    def compile(self, compiler, statement):
        text = f"#include <string.h>\nint f(char *a, const char *b);\n" \
               f"int f(char *a, const char *b) {{ {statement} }}\n"
        return subprocess.run(
            [compiler, "-std=c17", "-fsyntax-only", "-x", "c", "-include",
             os.path.join(ROOT, "src/base/banned.h"), "-"],
            input=text, capture_output=True, text=True, check=False)

    def test_a_banned_call_says_what_to_use(self):
        for compiler in filter(shutil.which, ["gcc", "clang"]):
            done = self.compile(compiler, "(void)strcpy(a, b); return 0;")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("strcpy is banned: snprintf", done.stderr)
            self.assertEqual(self.compile(compiler, "return a[0] == b[0];").returncode, 0)


class Symbols(Tree):
    def symbols(self, source):
        write(self.root, "src/book/book.c", source)
        objects = os.path.join(self.root, "build/CMakeFiles/plimsoll_lib.dir/src/book")
        os.makedirs(objects, exist_ok=True)
        subprocess.run(["gcc", "-c", "-o", os.path.join(objects, "book.c.o"),
                        os.path.join(self.root, "src/book/book.c")], check=True)
        return self.run_script("check-symbols", "build")

    @unittest.skipUnless(shutil.which("gcc"), "needs gcc")
    def test_libm_and_qsort_are_found_and_sqrt_is_not(self):
        head = "#include <math.h>\n#include <stdlib.h>\n"
        code, words = self.symbols(head + "double f(double x) { return sqrt(x) + floor(x); }\n")
        self.assertEqual(code, 0, words)
        code, words = self.symbols(head + "double f(double x) { return exp(x); }\n")
        self.assertEqual(code, 1)
        self.assertIn("src/book/book.c: calls exp: ", words)
        code, words = self.symbols(
            head + "void f(int *x, int (*c)(const void *, const void *)) { qsort(x, 2, 4, c); }\n")
        self.assertEqual(code, 1)
        self.assertIn("calls qsort", words)


if __name__ == "__main__":
    unittest.main(verbosity=1)
