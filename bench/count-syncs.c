/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preloaded into the server: counts the syncs that really happen, and says so in the file that TGW_SYNC_COUNT
 * names. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int fdatasync (int fd);
int fsync (int fd);

static volatile uint64_t *
counter (void)
{
  static volatile uint64_t *count;

  if (!count)
    {
      int fd = open (getenv ("TGW_SYNC_COUNT"), O_RDWR | O_CREAT, 0600);
      if (fd < 0 || ftruncate (fd, sizeof *count) != 0)
        abort ();
      count = mmap (NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      close (fd);
    }
  return count;
}

int
fdatasync (int fd)
{
  int (*real) (int) = (int (*) (int)) dlsym (RTLD_NEXT, "fdatasync");
  __atomic_add_fetch (counter (), 1, __ATOMIC_RELAXED);
  return real (fd);
}

int
fsync (int fd)
{
  int (*real) (int) = (int (*) (int)) dlsym (RTLD_NEXT, "fsync");
  __atomic_add_fetch (counter (), 1, __ATOMIC_RELAXED);
  return real (fd);
}
