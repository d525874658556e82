#include "base/utf8.h"

size_t pl_utf8_next(struct pl_str text, uint32_t *character)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text.at[0];
    size_t size = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size == 0 || first > 0xf4 || size > text.size) {
        return 0;
    }
    uint32_t value = size == 1 ? first : first & (0xffU >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if ((byte & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (byte & 0x3fU);
    }
    if (value < least[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *character = value;
    return size;
}

static bool control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool pl_utf8_plain(struct pl_str text)
{
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = pl_utf8_next(text, &character);
        if (size == 0 || control(character)) {
            return false;
        }
        text.at += size;
        text.size -= size;
    }
    return true;
}

const char *pl_utf8_show(struct pl_str text, char out[PL_UTF8_SHOWN_MAX])
{
    size_t used = 0;
    if (text.size == 0) {
        memcpy(out, "\"\"", 3);
        return out;
    }
    while (text.size > 0) {
        uint32_t character = 0;
        size_t size = pl_utf8_next(text, &character);
        bool shown = size > 0 && !control(character);
        size_t step = size > 0 ? size : 1;
        size_t need = shown ? size : 1;
        if (used + need > 64) {
            memcpy(out + used, "...", 3);
            used += 3;
            break;
        }
        memcpy(out + used, shown ? text.at : "?", need);
        used += need;
        text.at += step;
        text.size -= step;
    }
    out[used] = '\0';
    return out;
}
