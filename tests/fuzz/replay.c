/*
 * tests/fuzz/replay.c: runs a fuzz target over the files of its corpus, without libFuzzer.
 * Arguments are files and directories of files.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1024 * 1024, PATH_TEXT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay_file(const char *path)
{
    static uint8_t input[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    uint8_t *exact;
    size_t size;

    if (file == NULL) {
        perror(path);
        return false;
    }
    size = fread(input, 1, sizeof(input), file);
    (void)fclose(file);
    /* On the heap in its exact size, so that a sanitizer sees a step past the end. */
    exact = malloc(size == 0 ? 1 : size);
    if (exact == NULL) {
        return false;
    }
    memcpy(exact, input, size);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static bool replay_directory(DIR *directory, const char *path, int *count)
{
    const struct dirent *entry;
    char file[PATH_TEXT_MAX];

    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        if (!replay_file(file)) {
            return false;
        }
        (*count)++;
    }
    return true;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *directory = opendir(argv[i]);
        const bool ok =
            directory == NULL ? replay_file(argv[i]) : replay_directory(directory, argv[i], &count);

        if (directory != NULL) {
            (void)closedir(directory);
        } else {
            count++;
        }
        if (!ok) {
            return EXIT_FAILURE;
        }
    }
    printf("%d inputs replayed\n", count);
    return count == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
