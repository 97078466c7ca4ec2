// zlib, as installed. deflateInit2 is a macro, which Swift does not see.
#pragma once
#include <zlib.h>

/// Makes a stream write the gzip format. Returns Z_OK or an error of zlib.
int playhead_gzip_begin(z_stream *stream, int level);
