/* Ends a process at its k-th call that changes what is on the disk, or lets the call fail.

   Loaded in front of the C library, so that SQLite's calls count as the program's do.  Only what
   is about files counts; what a thread says to another through a pipe does not. */

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long *passed; /* shared with whoever started this process */
static long last;           /* the call that is not carried out any more */
static int torn;            /* whether half of it is, if it is a write */
static long ahead_s;        /* how far the clock of the day is ahead */
static atomic_long slept_s; /* and how far both clocks are, by sleeping */
static long stopped_s;      /* where the clock of the day stands still, if it does */
static int lies;            /* of what is it said that it is on the disk, and is not */

void torture_arm(atomic_long *counter, long kill_at, int half) {
  passed = counter;
  last = kill_at;
  torn = half;
  slept_s = 0;
}

void torture_set_ahead(long seconds) { ahead_s = seconds; }

void torture_stop_clock(long at_s) { stopped_s = at_s; }

static _Atomic uint64_t chance; /* what is called random follows from it, unless it is 0 */

void torture_seed(uint64_t seed) { chance = seed; }

/* As splitmix64 does it: the same bytes in each run of the same seed. */
ssize_t getrandom(void *data, size_t size, unsigned flags) {
  static __typeof__(&getrandom) real;
  if (!real)
    real = (__typeof__(real))dlsym(RTLD_NEXT, "getrandom");
  if (!chance)
    return real(data, size, flags);
  for (size_t done = 0; done < size; done += 8) {
    uint64_t mixed = atomic_fetch_add(&chance, 0x9e3779b97f4a7c15u) + 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    mixed ^= mixed >> 31;
    memcpy((char *)data + done, &mixed, size - done < 8 ? size - done : 8);
  }
  return (ssize_t)size;
}

enum { LIE_ABOUT_FILES = 1, LIE_ABOUT_DIRECTORIES = 2 };

void torture_set_lies(int about) { lies = about; }

static int is_lied_about(int fd) {
  struct stat found;
  if (!lies || fstat(fd, &found) != 0)
    return 0;
  return lies & (S_ISDIR(found.st_mode) ? LIE_ABOUT_DIRECTORIES : LIE_ABOUT_FILES);
}

/* Let the call fail rather than end the process: that one alone, or all from it on. */
static int error;
static int lasts;
static enum domain { CHANGES, OPENS, READS, SYNCS } counted; /* which calls count */

void torture_fail(int with, int from_then_on, int of) {
  error = with;
  lasts = from_then_on;
  counted = of;
}

static int is_hit(void) {
  if (!passed)
    return 0;
  long number = atomic_fetch_add(passed, 1) + 1;
  return last && (number == last || (number > last && error && lasts));
}

static void end(void) {
  kill(getpid(), SIGKILL);
  for (;;)
    pause();
}

/* Count a call; end the process, or say that the call has to fail, if it is its turn. */
static int fails(enum domain of) {
  if (of != counted || !is_hit())
    return 0;
  if (!error)
    end();
  errno = error;
  return 1;
}

static int counts(int fd) {
  struct stat found;
  return passed && fd > 2 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define COUNTED(type, name, parameters, arguments)                                                 \
  type name parameters {                                                                           \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
      real = REAL(name);                                                                           \
    return fails(CHANGES) ? -1 : real arguments;                                                   \
  }

/* SQLite has ways of its own to see to it that its files last. */
static int is_of_sqlite(int fd, char name[4096]) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, 4095);
  name[length > 0 ? length : 0] = 0;
  return strstr(name, ".sqlite3") != NULL;
}

/* What a sync that fails did not write is lost, and the next one says nothing of it: so whoever
   does not write the content again has none.  SQLite knows; its files are left alone. */
static void forget(int fd) {
  char name[4096];
  struct stat found;
  int failure = errno;
  if (!is_of_sqlite(fd, name) && fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
    if (truncate(name, 0) != 0 || truncate(name, found.st_size) != 0)
      end();
  errno = failure;
}

static int is_own_content(int fd) {
  char name[4096];
  return counts(fd) && !is_of_sqlite(fd, name);
}

static int sync_fails(int fd) {
  return fails(CHANGES) || (counted == SYNCS && is_own_content(fd) && fails(SYNCS));
}

#define COUNTED_SYNC(name)                                                                         \
  int name(int fd) {                                                                               \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
      real = REAL(name);                                                                           \
    if (sync_fails(fd)) {                                                                          \
      forget(fd);                                                                                  \
      return -1;                                                                                   \
    }                                                                                              \
    return is_lied_about(fd) ? 0 : real(fd);                                                       \
  }

COUNTED_SYNC(fsync)
COUNTED_SYNC(fdatasync)
COUNTED(int, ftruncate, (int fd, off_t size), (fd, size))
COUNTED(int, ftruncate64, (int fd, off64_t size), (fd, size))

/* This one returns what went wrong. */
int posix_fallocate64(int fd, off64_t at, off64_t size) {
  static __typeof__(&posix_fallocate64) real;
  if (!real)
    real = REAL(posix_fallocate64);
  return fails(CHANGES) ? errno : real(fd, at, size);
}

COUNTED(int, rename, (const char *from, const char *to), (from, to))
COUNTED(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
COUNTED(int, link, (const char *from, const char *to), (from, to))
COUNTED(int, linkat, (int a, const char *from, int b, const char *to, int flags),
        (a, from, b, to, flags))
COUNTED(int, symlink, (const char *text, const char *path), (text, path))
COUNTED(int, symlinkat, (const char *text, int fd, const char *path), (text, fd, path))
COUNTED(int, unlink, (const char *path), (path))
COUNTED(int, unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
COUNTED(int, rmdir, (const char *path), (path))
COUNTED(int, mkdir, (const char *path, mode_t mode), (path, mode))
COUNTED(int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
COUNTED(int, futimens, (int fd, const struct timespec times[2]), (fd, times))
COUNTED(int, utimensat, (int fd, const char *path, const struct timespec times[2], int flags),
        (fd, path, times, flags))

#define COUNTED_WRITE(name, parameters, arguments, halved)                                         \
  ssize_t name parameters {                                                                        \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
      real = REAL(name);                                                                           \
    if (counts(fd) && counted == CHANGES && is_hit()) {                                            \
      if (torn && size > 1) {                                                                      \
        ssize_t half = real halved;                                                                \
        if (error)                                                                                 \
          return half;                                                                             \
      }                                                                                            \
      if (!error)                                                                                  \
        end();                                                                                     \
      errno = error;                                                                               \
      return -1;                                                                                   \
    }                                                                                              \
    return real arguments;                                                                         \
  }

COUNTED_WRITE(write, (int fd, const void *data, size_t size), (fd, data, size),
              (fd, data, size / 2))
COUNTED_WRITE(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
              (fd, data, size / 2, at))
COUNTED_WRITE(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
              (fd, data, size / 2, at))

#define COUNTED_READ(name, parameters, arguments)                                                  \
  ssize_t name parameters {                                                                        \
    static __typeof__(&name) real;                                                                 \
    if (!real)                                                                                     \
      real = REAL(name);                                                                           \
    return counted == READS && counts(fd) && fails(READS) ? -1 : real arguments;                   \
  }

COUNTED_READ(read, (int fd, void *data, size_t size), (fd, data, size))
COUNTED_READ(pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at))
COUNTED_READ(preadv64v2, (int fd, const struct iovec *data, int count, off64_t at, int flags),
             (fd, data, count, at, flags))

#define COUNTED_OPEN(name, leading, arguments)                                                     \
  int name(leading const char *path, int flags, ...) {                                             \
    static int (*real)(leading const char *, int, ...);                                            \
    mode_t mode = 0;                                                                               \
    if (!real)                                                                                     \
      real = (__typeof__(real))dlsym(RTLD_NEXT, #name);                                            \
    if (flags & (O_CREAT | __O_TMPFILE)) {                                                         \
      va_list rest;                                                                                \
      va_start(rest, flags);                                                                       \
      mode = va_arg(rest, mode_t);                                                                 \
      va_end(rest);                                                                                \
    }                                                                                              \
    if (fails(OPENS) || (access_changes(path, flags) && fails(CHANGES)))                           \
      return -1;                                                                                   \
    return real arguments;                                                                         \
  }

/* An open that finds the file there, as that of a database does, changes nothing. */
static int access_changes(const char *path, int flags) {
  if (!passed || !(flags & (O_CREAT | __O_TMPFILE)))
    return 0;
  return (flags & (O_EXCL | O_TRUNC)) || access(path, F_OK) != 0;
}

#define NOTHING
#define DIRECTORY int fd,
COUNTED_OPEN(open, NOTHING, (path, flags, mode))
COUNTED_OPEN(open64, NOTHING, (path, flags, mode))
COUNTED_OPEN(openat, DIRECTORY, (fd, path, flags, mode))
COUNTED_OPEN(openat64, DIRECTORY, (fd, path, flags, mode))

DIR *opendir(const char *path) {
  static __typeof__(&opendir) real;
  if (!real)
    real = REAL(opendir);
  return fails(OPENS) ? NULL : real(path);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real)
    real = (__typeof__(real))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME && stopped_s)
    *now = (struct timespec){.tv_sec = stopped_s};
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC))
    now->tv_sec += slept_s + (clock == CLOCK_REALTIME ? ahead_s : 0);
  return result;
}

/* Who sleeps only repeats something: let the time go by at once, in whole seconds. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until,
                    struct timespec *left) {
  static __typeof__(&clock_nanosleep) real;
  if (!real)
    real = REAL(clock_nanosleep);
  if (!passed || clock != CLOCK_MONOTONIC || !(flags & TIMER_ABSTIME))
    return real(clock, flags, until, left);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long seconds = until->tv_sec - now.tv_sec;
  if (seconds > 0)
    atomic_fetch_add(&slept_s, seconds);
  return 0;
}
