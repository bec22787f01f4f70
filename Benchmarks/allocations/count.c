// Counts what a program allocates and locks, thread by thread, while it runs and without its knowledge: it is loaded before
// the program's other libraries (LD_PRELOAD), and counts in the file that COUNT_FILE names, which others read meanwhile.
//
//     cc -O2 -shared -fPIC -o count.so count.c
//     COUNT_FILE=counts LD_PRELOAD=./count.so program
//
// What is counted: calls of malloc and its kin, where everything comes from that Swift and C allocate (objects, arrays,
// tasks); pthread_mutex_lock; and futex system calls, which is what Swift's Mutex does when it has to wait. That a Swift
// Mutex was free and taken is one instruction in the middle of the program and seen by nobody: see atomics.py for these.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PLACES = 512 };

// The file is an array of these; a place without a thread has a zero there. A thread that is gone keeps its place.
struct counts {
    _Atomic uint64_t thread, allocations, mutexes, futexes;
};

// glibc's own names for what is replaced here.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static struct counts unread[PLACES];
static struct counts *all = unread;
static _Atomic int taken;
// In the thread's own block from its start: a place that had to be allocated would ask for itself.
static __thread struct counts *mine __attribute__((tls_model("initial-exec")));

static long system_call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    long result = x0;
#else
#error "how a system call is made on this processor is not known here"
#endif
    return result;
}

// Runs before the program's first line. What was allocated until then is in nobody's count.
__attribute__((constructor)) static void map_file(void) {
    const char *name = getenv("COUNT_FILE");
    int file = name ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0) return;
    if (ftruncate(file, sizeof unread) == 0) {
        void *place = mmap(NULL, sizeof unread, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (place != MAP_FAILED) {
            mine = NULL;
            atomic_store(&taken, 0);
            all = place;
        }
    }
    close(file);
}

static struct counts *here(void) {
    if (!mine) {
        int place = atomic_fetch_add(&taken, 1);
        // Those for whom there is no place share the last.
        mine = &all[place < PLACES ? place : PLACES - 1];
        atomic_store_explicit(&mine->thread, (uint64_t)system_call(SYS_gettid, 0, 0, 0, 0, 0, 0), memory_order_relaxed);
    }
    return mine;
}

static void count(_Atomic uint64_t *counter) { atomic_fetch_add_explicit(counter, 1, memory_order_relaxed); }

void *malloc(size_t size) {
    count(&here()->allocations);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(&here()->allocations);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count(&here()->allocations);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count(&here()->allocations);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || alignment == 0 || (alignment & (alignment - 1))) return EINVAL;
    void *found = memalign(alignment, size);
    if (!found) return ENOMEM;
    *block = found;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    // There is no other name of glibc's to link with: it is looked up, once.
    static _Atomic(int (*)(pthread_mutex_t *)) real;
    int (*lock)(pthread_mutex_t *) = atomic_load_explicit(&real, memory_order_relaxed);
    if (!lock) {
        lock = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
        atomic_store_explicit(&real, lock, memory_order_relaxed);
    }
    count(&here()->mutexes);
    return lock(mutex);
}

long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long), d = va_arg(list, long);
    long e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (number == SYS_futex) count(&here()->futexes);
    long result = system_call(number, a, b, c, d, e, f);
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}
