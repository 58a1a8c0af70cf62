/* One pass over memory where numpy and torch take several calls: see passes.py, which loads this where it was compiled, and says what the
   functions are given. Plain C without Python's or PyTorch's headers, so that one binary serves all versions of both.

   Sums are taken in float32, in 32 lanes, as PyTorch takes them: what overflows there overflows here. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define FAST __attribute__((target_clones("avx2", "default")))
#else
#define FAST
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi" /* no vector is handed from one file to another */
#endif

typedef float lanes __attribute__((vector_size(32)));
typedef int32_t masks __attribute__((vector_size(32)));
#define WIDTH 8

static inline lanes load(const float *p) {
    lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* To be raised with any change of what a function is given or gives: passes.py leaves a library alone that has another one. */
int64_t unstuck_version(void) { return 2; }

static inline __attribute__((always_inline)) float norm(const float *x, int64_t count) {
    int64_t i = 0;
    lanes a = {0}, b = {0}, c = {0}, d = {0};
    for (; i + 4 * WIDTH <= count; i += 4 * WIDTH) {
        lanes p = load(x + i), q = load(x + i + WIDTH), r = load(x + i + 2 * WIDTH), s = load(x + i + 3 * WIDTH);
        a += p * p, b += q * q, c += r * r, d += s * s;
    }
    a = (a + b) + (c + d);
    float sum = 0;
    for (; i < count; i++) sum += x[i] * x[i];
    for (int j = 0; j < WIDTH; j++) sum += a[j];
    return sqrtf(sum);
}

/* L2 norm of one contiguous array. */
FAST float unstuck_norm(int64_t size, const float *x) { return norm(x, size); }

/* L2 norms of n contiguous arrays. */
FAST void unstuck_norms(int64_t n, const uint64_t *address, const int64_t *size, float *out) {
    for (int64_t k = 0; k < n; k++) out[k] = norm((const float *)(uintptr_t)address[k], size[k]);
}

/* count[k] elements, stride[k] apart, of each of n arrays, behind one another. */
void unstuck_rows(int64_t n, const uint64_t *address, const int64_t *count, const int64_t *stride, float *out) {
    for (int64_t k = 0; k < n; k++) {
        const float *x = (const float *)(uintptr_t)address[k];
        if (stride[k] == 1) memcpy(out, x, (size_t)count[k] * sizeof *x);
        else for (int64_t i = 0; i < count[k]; i++) out[i] = x[i * stride[k]];
        out += count[k];
    }
}

/* A part of an array, contiguous: plan holds four lengths and four strides. */
void unstuck_copy(int64_t address, const int64_t *plan, float *out) {
    const float *x = (const float *)(uintptr_t)address;
    const int64_t *stride = plan + 4;
    for (int64_t i = 0; i < plan[0]; i++)
        for (int64_t j = 0; j < plan[1]; j++)
            for (int64_t k = 0; k < plan[2]; k++) {
                const float *row = x + i * stride[0] + j * stride[1] + k * stride[2];
                if (stride[3] == 1) memcpy(out, row, (size_t)plan[3] * sizeof *row);
                else for (int64_t l = 0; l < plan[3]; l++) out[l] = row[l * stride[3]];
                out += plan[3];
            }
}

/* Number of rows of a matrix that equal the first but for 1e-5 of its largest magnitude; plan holds rows, columns, and their strides. */
int64_t unstuck_equal_rows(int64_t address, const int64_t *plan) {
    const float *x = (const float *)(uintptr_t)address;
    int64_t rows = plan[0], columns = plan[1], down = plan[2], across = plan[3], equal = 0;
    float largest = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
            float size = fabsf(x[i * down + j * across]);
            if (size != size) return 0;
            if (size > largest) largest = size;
        }
    float limit = 1e-5f * largest;
    for (int64_t i = 1; i < rows; i++) {
        int64_t j = 0;
        while (j < columns && fabsf(x[i * down + j * across] - x[j * across]) <= limit) j++;
        equal += j == columns;
    }
    return equal;
}

/* Of consecutive parts of two rows, count[k] elements each: norm of the difference, and of the first [n]. In float64. */
FAST void unstuck_changes(int64_t n, const int64_t *count, const float *before, const float *after, double *change, double *size) {
    for (int64_t k = 0; k < n; k++) {
        double d[4] = {0}, b[4] = {0};
        int64_t i = 0;
        for (; i + 4 <= count[k]; i += 4)
            for (int j = 0; j < 4; j++) {
                double p = before[i + j], q = after[i + j] - before[i + j];
                d[j] += q * q, b[j] += p * p;
            }
        for (; i < count[k]; i++) {
            double p = before[i], q = after[i] - before[i];
            d[0] += q * q, b[0] += p * p;
        }
        change[k] = sqrt(d[0] + d[1] + d[2] + d[3]), size[k] = sqrt(b[0] + b[1] + b[2] + b[3]);
        before += count[k], after += count[k];
    }
}

/* Of the outputs [rows, units] of each of n places: mean, standard deviation, largest magnitude, share of zeros, spread over the rows, share
   further than limit[k] from middle[k]; out [6, n]. Mean and spread are taken around each unit's first row (probes/activations.py says why). */
FAST void unstuck_moments(int64_t n, const uint64_t *address, const int64_t *rows, const int64_t *units, const float *middle, const float *limit,
                          double *out) {
    for (int64_t k = 0; k < n; k++) {
        const float *x = (const float *)(uintptr_t)address[k];
        int64_t zeros = 0, beyond = 0, unclear = 0, width = units[k], u = 0;
        double mean = 0, second = 0, variance = 0;
        float largest = 0;
        lanes top = {0};
        masks zero = {0}, far = {0}, odd = {0};
        while (u < width) {
            float moved[WIDTH] = {0}, squares[WIDTH] = {0};
            int64_t some = u + WIDTH <= width ? WIDTH : 1;
            if (some == WIDTH) {
                lanes first = load(x + u), sum = {0}, square = {0};
                for (int64_t r = 0; r < rows[k]; r++) {
                    lanes v = load(x + r * width + u), around = v - first, off = v - middle[k];
                    lanes size = (lanes)((masks)v & 0x7fffffff), distance = (lanes)((masks)off & 0x7fffffff);
                    masks above = size > top;
                    sum += around, square += around * around;
                    top = (lanes)(((masks)size & above) | ((masks)top & ~above));
                    zero -= v == 0, far -= distance > limit[k], odd |= v != v;
                }
                memcpy(moved, &sum, sizeof moved), memcpy(squares, &square, sizeof squares);
            } else {
                for (int64_t r = 0; r < rows[k]; r++) {
                    float v = x[r * width + u], around = v - x[u];
                    moved[0] += around, squares[0] += around * around;
                    zeros += v == 0, beyond += fabsf(v - middle[k]) > limit[k], unclear |= v != v;
                    if (fabsf(v) > largest) largest = fabsf(v);
                }
            }
            for (int64_t j = 0; j < some; j++) {
                double first = x[u + j], m = (double)moved[j] / rows[k], s = (double)squares[j] / rows[k], v = s - m * m;
                mean += m + first;
                second += s + first * (2 * m + first);
                variance += v < 0 ? 0 : v;
            }
            u += some;
        }
        for (int j = 0; j < WIDTH; j++) {
            zeros += zero[j], beyond += far[j], unclear |= odd[j];
            if (top[j] > largest) largest = top[j];
        }
        double count = (double)rows[k] * width;
        mean /= width, second = second / width - mean * mean;
        out[k] = mean;
        out[n + k] = sqrt(second < 0 ? 0 : second);
        out[2 * n + k] = unclear ? NAN : largest;
        out[3 * n + k] = zeros / count;
        out[4 * n + k] = sqrt(variance / width);
        out[5 * n + k] = beyond / count;
    }
}
