#include "settings/quote.h"

#include "base/utf8.h"
#include "settings/name.h"

/* Letters, digits and what numbers need; and not the word for "nothing". */
static bool plain(struct pl_str text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool safe = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '+' ||
                    (pl_name_fold(c) >= 'a' && pl_name_fold(c) <= 'z') || (c == '-' && i > 0) ||
                    (c == '-' && text.size > 1 && text.at[1] >= '0' && text.at[1] <= '9');
        if (!safe) {
            return false;
        }
    }
    return text.size > 0 && !pl_name_eq(text, pl_str("null"));
}

static bool printable(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) || (c >= 0xa1 && c < 0x2000) || (c >= 0x2070 && c < 0xd800) ||
           (c >= 0xf900 && c < 0xfe00) || (c >= 0x10000 && c < 0xe0000);
}

void pl_settings_write_scalar(FILE *out, struct pl_str text, bool quoted)
{
    if (!quoted && plain(text)) {
        (void)fwrite(text.at, 1, text.size, out);
        return;
    }
    (void)fputc('"', out);
    while (text.size > 0) {
        uint32_t character = (unsigned char)text.at[0];
        size_t size = pl_utf8_next(text, &character);
        size = size > 0 ? size : 1;
        if (character == '"' || character == '\\') {
            (void)fprintf(out, "\\%c", (int)character);
        } else if (printable(character)) {
            (void)fwrite(text.at, 1, size, out);
        } else {
            (void)fprintf(out, character > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)character);
        }
        text.at += size;
        text.size -= size;
    }
    (void)fputc('"', out);
}
