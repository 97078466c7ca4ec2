// Notes what of the files below $POWERLOSS_DIR is durable, for powerloss.py to take away the rest: kill -9 alone loses
// nothing, as the kernel still holds what was written and not synced.
//
// Preloaded (LD_PRELOAD, ld.so(8)) it appends lines to $POWERLOSS_JOURNAL, which must lie elsewhere:
//
//   new INODE                       a file was made
//   write INODE OFFSET LENGTH HEX   bytes were written; HEX are those that stood there before
//   truncate INODE LENGTH
//   begin ID INODE LENGTH           a sync begins. It covers what returned before, and no more
//   begin-dir ID INODE NAME:INODE…  the same of a folder; names in hexadecimal
//   done ID                         it has succeeded
//
// A call is noted after it returned, so a program that relies on it only then is never accused wrongly.
// $POWERLOSS_IGNORE_SYNC=1: syncs do nothing and succeed, as if the program had none.
// Only one process may sync there. Not seen: mmap, O_SYNC, io_uring, and whoever makes system calls without the C library.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *dir;
static size_t dir_length;
static dev_t dir_device;
static int journal = -1;
static int ignore_sync;
static atomic_ulong last_sync;

static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

static void die(const char *what) {
  dprintf(2, "powerloss: %s: %s\n", what, strerror(errno));
  _exit(70);
}

__attribute__((constructor)) static void start(void) {
  if (real_write) return;
  real_openat = dlsym(RTLD_NEXT, "openat");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
  real_write = dlsym(RTLD_NEXT, "write");
  const char *path = getenv("POWERLOSS_JOURNAL"), *ignore = getenv("POWERLOSS_IGNORE_SYNC");
  struct stat status;
  dir = getenv("POWERLOSS_DIR");
  if (!dir || !path || stat(dir, &status)) die("POWERLOSS_DIR and POWERLOSS_JOURNAL must be given");
  // Programs that set their title write over their environment.
  if (!(dir = strdup(dir))) die("strdup");
  dir_length = strlen(dir);
  dir_device = status.st_dev;
  ignore_sync = ignore && !strcmp(ignore, "1");
  journal = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0) die("the journal");
}

// One write, so that lines of threads do not mix.
static void note(const char *line, size_t length) {
  if (real_write(journal, line, length) != (ssize_t)length) die("the journal");
}

__attribute__((format(printf, 1, 2))) static void notef(const char *format, ...) {
  char line[200];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  note(line, (size_t)length);
}

// Whether fd is a file or a folder that we look after.
static int is_ours(int fd, struct stat *status) {
  char link[40], path[4096];
  start();
  if (fstat(fd, status) || status->st_dev != dir_device) return 0;
  if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < (ssize_t)dir_length) return 0;
  path[length] = 0;
  return !strncmp(path, dir, dir_length) && (path[dir_length] == '/' || !path[dir_length]);
}

static int open_noting(int at, const char *path, int flags, mode_t mode) {
  struct stat status;
  start();
  int existed = fstatat(at, path, &status, 0) == 0;
  int fd = real_openat(at, path, flags, mode);
  int error = errno;
  if (fd >= 0 && flags & (O_CREAT | O_TRUNC) && is_ours(fd, &status)) {
    if (!existed) notef("new %lu\n", (unsigned long)status.st_ino);
    else if (flags & O_TRUNC) notef("truncate %lu 0\n", (unsigned long)status.st_ino);
  }
  errno = error;
  return fd;
}

#define MODE_OF(flags, mode) \
  va_list arguments; \
  va_start(arguments, flags); \
  mode_t mode = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
  va_end(arguments)

int openat(int at, const char *path, int flags, ...) {
  MODE_OF(flags, mode);
  return open_noting(at, path, flags, mode);
}

int open(const char *path, int flags, ...) {
  MODE_OF(flags, mode);
  return open_noting(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode) { return open_noting(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

// What a write is about to replace, for it may come back.
struct overwrite {
  unsigned long inode;
  off_t offset;
  size_t replaced;
  char *line;
  size_t head;
};

enum { HEAD = 100 };

static int before_write(int fd, off_t offset, size_t length, struct overwrite *overwrite) {
  struct stat status;
  if (!is_ours(fd, &status)) return 0;
  if (offset < 0) offset = fcntl(fd, F_GETFL) & O_APPEND ? status.st_size : lseek(fd, 0, SEEK_CUR);
  *overwrite = (struct overwrite){.inode = status.st_ino, .offset = offset};
  if (offset < status.st_size) overwrite->replaced = (size_t)(status.st_size - offset);
  if (overwrite->replaced > length) overwrite->replaced = length;
  overwrite->line = malloc(HEAD + 2 * overwrite->replaced + 2);
  unsigned char *old = malloc(overwrite->replaced + 1);
  if (!overwrite->line || !old) die("malloc");
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (overwrite->replaced) {
    // fd itself may be open for writing only.
    int reader = real_openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
    if (reader < 0 || pread(reader, old, overwrite->replaced, offset) != (ssize_t)overwrite->replaced) die("reading what is replaced");
    close(reader);
  }
  for (size_t i = 0; i < overwrite->replaced; i++) sprintf(overwrite->line + HEAD + 2 * i, "%02x", old[i]);
  free(old);
  return 1;
}

static void after_write(struct overwrite *overwrite, ssize_t written) {
  int error = errno;
  if (written > 0) {
    size_t replaced = overwrite->replaced < (size_t)written ? overwrite->replaced : (size_t)written;
    char head[HEAD];
    int length = snprintf(head, sizeof head, "write %lu %lld %zd ", overwrite->inode, (long long)overwrite->offset, written);
    char *line = overwrite->line + HEAD - length;
    memcpy(line, head, (size_t)length);
    line[(size_t)length + 2 * replaced] = '\n';
    note(line, (size_t)length + 2 * replaced + 1);
  }
  free(overwrite->line);
  errno = error;
}

#define WRITE(fd, offset, length, call) \
  struct overwrite overwrite; \
  int ours = before_write(fd, offset, length, &overwrite); \
  ssize_t written = call; \
  if (ours) after_write(&overwrite, written); \
  return written

static size_t total(const struct iovec *parts, int count) {
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  return length;
}

ssize_t write(int fd, const void *bytes, size_t length) { WRITE(fd, -1, length, real_write(fd, bytes, length)); }

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  WRITE(fd, offset, length, real_pwrite(fd, bytes, length, offset));
}

ssize_t writev(int fd, const struct iovec *parts, int count) { WRITE(fd, -1, total(parts, count), real_writev(fd, parts, count)); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  WRITE(fd, offset, total(parts, count), real_pwritev(fd, parts, count, offset));
}

int ftruncate(int fd, off_t length) {
  struct stat status;
  int ours = is_ours(fd, &status), result = real_ftruncate(fd, length), error = errno;
  if (ours && !result) notef("truncate %lu %lld\n", (unsigned long)status.st_ino, (long long)length);
  errno = error;
  return result;
}

static void note_names(int fd, unsigned long id, unsigned long inode) {
  char *line = NULL;
  size_t length = 0;
  FILE *text = open_memstream(&line, &length);
  int copy = real_openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *names = copy < 0 ? NULL : fdopendir(copy);
  if (!text || !names) die("listing a folder");
  fprintf(text, "begin-dir %lu %lu", id, inode);
  for (struct dirent *entry; (entry = readdir(names));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    fputc(' ', text);
    for (const unsigned char *c = (const unsigned char *)entry->d_name; *c; c++) fprintf(text, "%02x", *c);
    fprintf(text, ":%lu", (unsigned long)entry->d_ino);
  }
  fputc('\n', text);
  fclose(text);
  closedir(names);
  note(line, length);
  free(line);
}

static int sync_noting(int fd, int (*real)(int)) {
  struct stat status;
  if (!is_ours(fd, &status)) return real(fd);
  if (ignore_sync) return 0;
  // Taken before the names are read: of two lists the one with the greater number is the newer.
  unsigned long id = atomic_fetch_add(&last_sync, 1) + 1;
  if (S_ISDIR(status.st_mode)) note_names(fd, id, status.st_ino);
  else notef("begin %lu %lu %lld\n", id, (unsigned long)status.st_ino, (long long)status.st_size);
  int result = real(fd), error = errno;
  if (!result) notef("done %lu\n", id);
  errno = error;
  return result;
}

int fsync(int fd) { start(); return sync_noting(fd, real_fsync); }
int fdatasync(int fd) { start(); return sync_noting(fd, real_fdatasync); }

// The same functions under the names of large file support; off_t has 64 bits here anyway.
_Static_assert(sizeof(off_t) == 8, "a machine of 64 bits is needed");
#define ALIAS(of) __attribute__((alias(of)))
ssize_t pwrite64(int, const void *, size_t, off_t) ALIAS("pwrite");
ssize_t pwritev64(int, const struct iovec *, int, off_t) ALIAS("pwritev");
int ftruncate64(int, off_t) ALIAS("ftruncate");
int open64(const char *, int, ...) ALIAS("open");
int openat64(int, const char *, int, ...) ALIAS("openat");
