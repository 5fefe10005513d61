#pragma once

// For libraries that are preloaded: the function of that name that the library hides.
#include <dlfcn.h>

#define NEXT(name)                                                                     \
    ({                                                                                 \
        static __typeof__(name) *found;                                                \
        if (found == NULL) found = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);        \
        found;                                                                         \
    })
