// libpq as installed. Debian and Ubuntu keep its headers in a folder that is not on the compiler's path.
#ifndef PLAYHEAD_CLIBPQ_H
#define PLAYHEAD_CLIBPQ_H

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

#endif
