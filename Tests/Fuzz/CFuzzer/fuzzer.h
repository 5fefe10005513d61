// How libFuzzer is entered by a program with a main function of its own (FuzzerInterface.h of LLVM, which the Swift
// toolchain does not bring).
#ifndef TOOLAUTH_CFUZZER_H
#define TOOLAUTH_CFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
