/* Packed input: the same text comes out of plain, gzip (also in members), zstd and zip; what is cut or
 * damaged gives everything before, then an error that says where. */
#include "unit/import/collect.h"

#include "import/input.h"
#include "import/lines.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>
#include <zstd.h>

#define TEXT_SIZE (size_t)(3u << 20)
#define PACK_CAP  (size_t)(8u << 20)

static char *text; /* lines of numbers, 3 MiB */
static unsigned char *packed;
static char *got;

static int set_up(void **state)
{
    (void)state;
    text = malloc(TEXT_SIZE + 64);
    packed = malloc(PACK_CAP);
    got = malloc(2 * TEXT_SIZE + 64);
    size_t n = 0;
    for (unsigned i = 0; n < TEXT_SIZE; i++) {
        n += (size_t)snprintf(text + n, 64, "%u,%u\n", i, i * 2654435761u);
    }
    return text == NULL || packed == NULL || got == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    free(text);
    free(packed);
    free(got);
    return 0;
}

static size_t pack_gzip(unsigned char *out, const char *from, size_t size)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)PACK_CAP / 2;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = z.total_out;
    deflateEnd(&z);
    return n;
}

static size_t pack_members(unsigned char *out, const char *from, size_t size)
{
    size_t n = pack_gzip(out, from, size / 3);
    return n + pack_gzip(out + n, from + size / 3, size - size / 3);
}

static size_t pack_padded(unsigned char *out, const char *from, size_t size)
{
    size_t n = pack_gzip(out, from, size);
    memset(out + n, 0, 700);
    return n + 700;
}

static size_t pack_zstd(unsigned char *out, const char *from, size_t size)
{
    size_t n = ZSTD_compress(out, PACK_CAP, from, size / 2, 1);
    return n + ZSTD_compress(out + n, PACK_CAP - n, from + size / 2, size - size / 2, 1);
}

static size_t pack_zip_as(unsigned char *out, const char *from, size_t size, bool store)
{
    struct archive *a = archive_write_new();
    size_t used = 0;
    assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
    assert_int_equal(store ? archive_write_zip_set_compression_store(a)
                           : archive_write_zip_set_compression_deflate(a),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(a, out, PACK_CAP, &used), ARCHIVE_OK);
    for (int part = 0; part < 2; part++) { /* the first file inside ends without a line feed */
        size_t half = size / 2;
        while (from[half] != '\n') {
            half++;
        }
        size_t begin = part == 0 ? 0 : half + 1, end = part == 0 ? half : size;
        struct archive_entry *e = archive_entry_new();
        archive_entry_set_pathname(e, part == 0 ? "a.csv" : "b.csv");
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_size(e, (la_int64_t)(end - begin));
        assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, from + begin, end - begin), end - begin);
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    return used;
}

static size_t pack_zip(unsigned char *out, const char *from, size_t size)
{
    return pack_zip_as(out, from, size, false);
}

static size_t pack_stored(unsigned char *out, const char *from, size_t size)
{
    return pack_zip_as(out, from, size, true);
}

static size_t pack_plain(unsigned char *out, const char *from, size_t size)
{
    memcpy(out, from, size);
    return size;
}

/* Lines of the input put together again; returns the code at the end. */
static int read_lines(const void *bytes, size_t size, size_t *out_size, struct pl_error *err)
{
    struct pl_input *in;
    struct pl_lines lines;
    struct pl_str line;
    *out_size = 0;
    int rc = pl_input_open_memory(bytes, size, "test", &in, err);
    if (rc < 0) {
        return rc;
    }
    assert_int_equal(pl_lines_init(&lines, in), 0);
    uint64_t number = 0;
    while ((rc = pl_lines_next(&lines, &line, err)) > 0) {
        assert_int_equal(lines.number, ++number);
        assert_int_equal(lines.offset, *out_size);
        memcpy(got + *out_size, line.at, line.size);
        *out_size += line.size;
        got[(*out_size)++] = '\n';
    }
    pl_lines_fini(&lines);
    pl_input_close(&in);
    return rc;
}

static const struct {
    const char *name;
    size_t (*pack)(unsigned char *, const char *, size_t);
    bool checked; /* a cut or a flipped bit must be noticed */
} packings[] = {
    {"plain", pack_plain, false},
    {"gzip", pack_gzip, true},
    {"gzip members", pack_members, true},
    {"gzip, zeros behind", pack_padded, true},
    {"zstd", pack_zstd, true},
    {"zip", pack_zip, true},
    {"zip stored", pack_stored, true},
};

static void whole(void **state)
{
    (void)state;
    size_t size = strlen(text);
    for (size_t i = 0; i < PL_COUNT(packings); i++) {
        print_message("%s\n", packings[i].name);
        size_t n = packings[i].pack(packed, text, size), out;
        struct pl_error err;
        assert_int_equal(read_lines(packed, n, &out, &err), 0);
        assert_int_equal(out, size);
        assert_memory_equal(got, text, size);
    }
}

static void cut(void **state)
{
    (void)state;
    size_t size = strlen(text);
    for (size_t i = 0; i < PL_COUNT(packings); i++) {
        if (!packings[i].checked) {
            continue;
        }
        size_t n = packings[i].pack(packed, text, size), out;
        bool padded = packings[i].pack == pack_padded;
        for (size_t part = 1; part < 8; part++) {
            struct pl_error err = {0};
            size_t at = (padded ? n - 700 : n) * part / 8;
            int rc = read_lines(packed, at, &out, &err);
            assert_true(rc == PL_ERR_TRUNCATED || rc == PL_ERR_CORRUPT);
            assert_true(out < size);
            assert_memory_equal(got, text, out);
            assert_non_null(strstr(err.text, "test"));
            assert_non_null(strstr(err.text, "byte"));
        }
    }
}

static void flipped(void **state)
{
    (void)state;
    size_t size = strlen(text);
    for (size_t i = 0; i < PL_COUNT(packings); i++) {
        if (!packings[i].checked || packings[i].pack == pack_zstd) {
            continue; /* zstd frames carry no checksum unless asked to */
        }
        size_t n = packings[i].pack(packed, text, size), out;
        struct pl_error err = {0};
        packed[n / 2] ^= 0x10;
        int rc = read_lines(packed, n, &out, &err);
        print_message("%s: %s\n", packings[i].name, err.text);
        assert_true(rc == PL_ERR_CORRUPT || rc == PL_ERR_TRUNCATED);
    }
}

static void junk_behind_gzip(void **state)
{
    (void)state;
    size_t size = strlen(text), n = pack_gzip(packed, text, size), out;
    struct pl_error err;
    memcpy(packed + n, "junk", 4);
    assert_int_equal(read_lines(packed, n + 4, &out, &err), PL_ERR_CORRUPT);
    assert_int_equal(out, size); /* all of it was there */
}

static void line_ends(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"\n", "\n"},
        {"a", "a\n"},
        {"a\n", "a\n"},
        {"a\r\nb", "a\nb\n"},
        {"\r\n\n", "\n\n"},
        {"a\n\nb\n", "a\n\nb\n"},
    };
    for (size_t i = 0; i < PL_COUNT(rows); i++) {
        struct pl_input *in;
        struct pl_lines lines;
        struct pl_str line;
        struct pl_error err;
        char all[64] = "";
        assert_int_equal(pl_input_open_memory(rows[i].in, strlen(rows[i].in), "test", &in, &err),
                         0);
        assert_int_equal(pl_lines_init(&lines, in), 0);
        while (pl_lines_next(&lines, &line, &err) > 0) {
            size_t n = strlen(all);
            memcpy(all + n, line.at, line.size);
            all[n + line.size] = '\n';
            all[n + line.size + 1] = '\0';
        }
        assert_string_equal(all, rows[i].out);
        pl_lines_fini(&lines);
        pl_input_close(&in);
    }
}

static void line_too_long(void **state)
{
    (void)state;
    size_t size = PL_LINE_MAX + 100, out = 0;
    char *line = malloc(size);
    assert_non_null(line);
    memset(line, 'x', size);
    struct pl_error err;
    assert_int_equal(read_lines(line, size, &out, &err), PL_ERR_LIMIT);
    assert_non_null(strstr(err.text, "test:1"));
    free(line);
}

/* An import of a file cut in the middle keeps what came before, counts the damage, and says it. */
static void import_of_a_cut_file(void **state)
{
    (void)state;
    size_t n = 0;
    for (unsigned i = 0; i < 20000; i++) {
        n += (size_t)snprintf(got + n, 64, "%u,100.%u,1,%u,%u,1723161255%06u,true\n", i, i % 10, i,
                              i, i);
    }
    size_t size = pack_gzip(packed, got, n);
    struct collect c = {0};
    struct pl_import_target target = {collect_begin, &c};
    struct pl_import_report r;
    struct pl_error err;
    assert_int_equal(pl_import_run_memory(packed, size / 2, NULL, &target, &r, &err), 0);
    assert_true(c.count > 5000 && c.count < 15000);
    assert_int_equal(r.damaged_files, 1);
    assert_int_equal(r.bad, 1);
    assert_non_null(strstr(r.bad_at[0].reason, "ends in the middle"));
    struct pl_import_options strict = {.strict = true};
    assert_int_equal(pl_import_run_memory(packed, size / 2, &strict, &target, &r, &err),
                     PL_ERR_TRUNCATED);
    collect_clear(&c);
}

/* Standard input cannot be read twice: its head is kept for the grid, and a value off it later is an
 * error that says what to do. */
static void standard_input(void **state)
{
    (void)state;
    for (int finer = 0; finer < 2; finer++) {
        FILE *f = tmpfile();
        assert_non_null(f);
        for (unsigned i = 0; i < 250000; i++) {
            (void)fprintf(f, "%u,10%u,1,%u,%u,1723161255%06u,true\n", i, i % 10, i, i, i);
        }
        (void)fprintf(f, "250000,100%s,1,250000,250000,1723161255250000,true\n", finer ? ".5" : "");
        rewind(f);
        int saved = dup(STDIN_FILENO);
        assert_true(dup2(fileno(f), STDIN_FILENO) >= 0);
        (void)lseek(STDIN_FILENO, 0, SEEK_SET);
        const char *path = "-";
        struct collect c = {0};
        struct pl_import_report r;
        struct pl_error err;
        int rc = collect_files(&c, &path, 1, NULL, &r, &err);
        (void)dup2(saved, STDIN_FILENO);
        close(saved);
        (void)fclose(f);
        if (finer) { /* the row is bad: nothing is rounded, and the report says why */
            assert_int_equal(rc, 0);
            assert_int_equal(r.bad, 1);
            assert_int_equal(c.count, 250000);
            assert_non_null(strstr(r.bad_at[0].reason, "--tick"));
        } else {
            assert_int_equal(rc, 0);
            assert_int_equal(c.count, 250001);
            assert_int_equal(r.lines, 250001);
        }
        collect_clear(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(cut),
        cmocka_unit_test(flipped),
        cmocka_unit_test(junk_behind_gzip),
        cmocka_unit_test(line_ends),
        cmocka_unit_test(line_too_long),
        cmocka_unit_test(import_of_a_cut_file),
        cmocka_unit_test(standard_input),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
