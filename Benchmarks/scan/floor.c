// A yardstick for the scan of events: finds the ends of all strings of a text, eight bytes at a time, checks nothing and
// writes nothing down. `floor FILE ROUNDS` prints nanoseconds of CPU time a line.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t scan(const unsigned char *text, size_t size) {
    const uint64_t ones = 0x0101010101010101u;
    size_t sum = 0, place = 0;
    while (place < size) {
        if (text[place++] != '"') continue;
        for (;;) {
            uint64_t word;
            memcpy(&word, text + place, 8);
            uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
            uint64_t found = (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & (ones * 0x80);
            if (!found) {
                place += 8;
                continue;
            }
            place += (size_t)__builtin_ctzll(found) / 8;
            if (text[place] == '"') break;
            place += 2;
        }
        sum += place++;
    }
    return sum;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    FILE *file = fopen(arguments[1], "r");
    if (!file) return 2;
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file), lines = 0, sum = 0;
    rewind(file);
    unsigned char *text = calloc(size + 16, 1);
    if (!text || fread(text, 1, size, file) != size) return 2;
    // Ends a string that doesn't.
    text[size] = '"';
    for (size_t place = 0; place < size; place++) lines += text[place] == '\n';
    int rounds = atoi(arguments[2]);
    sum += scan(text, size);
    clock_t began = clock();
    for (int round = 0; round < rounds; round++) sum += scan(text, size);
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    fprintf(stderr, "%zu\n", sum);
    printf("%.1f\n", seconds * 1e9 / rounds / (double)lines);
}
