#include "CZlib.h"

int playhead_gzip_begin(z_stream *stream, int level) {
    // 15 is the largest window; 16 more asks for gzip's head and tail. 8 is zlib's default use of memory.
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
