#include "synth/sizes.h"

#include "math/fn.h"

#include <math.h>

static int64_t one_digit(int64_t lots)
{
    int64_t unit = 1;
    while (lots / unit >= 10) {
        unit *= 10;
    }
    return (lots + unit / 2) / unit * unit;
}

void pl_sizes_init(struct pl_sizes *sizes, const struct pl_synth_size *law, double lot)
{
    double round_carry = 0; /* spreads the round ones evenly over the quantiles */
    for (int i = 0; i < PL_SIZES_COUNT; i++) {
        double z = pl_norm_ppf((i + 0.5) / PL_SIZES_COUNT);
        double lots = floor(law->median * pl_exp(law->sd * z) / lot + 0.5);
        sizes->lots[i] = lots < 1 ? 1 : (int64_t)lots;
        round_carry += law->round;
        if (round_carry >= 1) {
            round_carry -= 1;
            sizes->lots[i] = one_digit(sizes->lots[i]);
        }
    }
}
