// The floor: the least that a server of Server-Sent Events over HTTP/1.1 has to do, and nothing else. One thread waits by
// epoll; whoever sends a request gets a stream; each record that arrives is sent to every client, one send for each. No
// log, no ids of its own, no resuming, no limits, no patience: a client that does not take a record at once is cut off.
// What a real server costs beyond this is what it does for its users. It is a yardstick and serves nobody.
//
//     floor HTTP-PORT RECORD-PORT      both on 127.0.0.1; a record is one UDP datagram, a whole event with its blank line
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_DESCRIPTORS = 1 << 16, MOST_RECORD = 1 << 16, EVENTS_A_TURN = 512, RECORDS_A_TURN = 8 };

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n5\r\n:ok\n\n\r\n";

// The clients that have a stream, in no order, and where in it each descriptor is (-1: not there).
static int streams[MOST_DESCRIPTORS];
static int count;
static int places[MOST_DESCRIPTORS];

static void fail(const char *call) {
    perror(call);
    exit(1);
}

static int bound(int type, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, type | SOCK_NONBLOCK, 0), yes = 1, room = 8 << 20;
    if (descriptor < 0) fail("socket");
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (type == SOCK_DGRAM) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    return descriptor;
}

static void watch(int poll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = descriptor};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) < 0) fail("epoll_ctl");
}

static void cut(int descriptor) {
    int place = places[descriptor];
    if (place >= 0) {
        streams[place] = streams[--count];
        places[streams[place]] = place;
        places[descriptor] = -1;
    }
    close(descriptor);
}

static void take_clients(int poll, int listener) {
    int descriptor, yes = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (descriptor >= MOST_DESCRIPTORS) {
            close(descriptor);
            continue;
        }
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        places[descriptor] = -1;
        watch(poll, descriptor);
    }
}

// Any request does, and it comes in one piece from those who measure.
static void take_request(int descriptor) {
    char request[16384];
    ssize_t length = recv(descriptor, request, sizeof request, 0);
    if (length <= 0 || places[descriptor] >= 0) {
        if (length == 0 || (length < 0 && errno != EAGAIN)) cut(descriptor);
        return;
    }
    if (send(descriptor, head, sizeof head - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof head - 1)) {
        cut(descriptor);
        return;
    }
    places[descriptor] = count;
    streams[count++] = descriptor;
}

static void take_records(int records) {
    static char chunk[MOST_RECORD + 32];
    const int room = 16;
    ssize_t length;
    // New clients are let in even where records come faster than they can be sent.
    for (int turn = 0; turn < RECORDS_A_TURN && (length = recv(records, chunk + room, MOST_RECORD, 0)) > 0; turn++) {
        // One HTTP/1.1 chunk: its size in front, a line end behind.
        char size[16];
        int digits = snprintf(size, sizeof size, "%zx\r\n", (size_t)length);
        char *start = chunk + room - digits;
        memcpy(start, size, (size_t)digits);
        memcpy(chunk + room + length, "\r\n", 2);
        ssize_t total = digits + length + 2;
        // From the last on, so that one that is cut off is replaced by one that has the record.
        for (int place = count - 1; place >= 0; place--) {
            if (send(streams[place], start, (size_t)total, MSG_NOSIGNAL) != total) cut(streams[place]);
        }
    }
}

int main(int arguments, char **words) {
    if (arguments != 3) {
        fprintf(stderr, "usage: floor HTTP-PORT RECORD-PORT\n");
        return 2;
    }
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    int listener = bound(SOCK_STREAM, atoi(words[1])), records = bound(SOCK_DGRAM, atoi(words[2]));
    if (listen(listener, 4096) < 0) fail("listen");
    int poll = epoll_create1(0);
    if (poll < 0) fail("epoll_create1");
    watch(poll, listener);
    watch(poll, records);
    struct epoll_event events[EVENTS_A_TURN];
    for (;;) {
        int ready = epoll_wait(poll, events, EVENTS_A_TURN, -1);
        // Records last: a client that is cut off meanwhile may have an event of its own in this turn.
        int hasRecords = 0;
        for (int index = 0; index < ready; index++) {
            int descriptor = events[index].data.fd;
            if (descriptor == records) {
                hasRecords = 1;
            } else if (descriptor == listener) {
                take_clients(poll, listener);
            } else if (events[index].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
                cut(descriptor);
            } else {
                take_request(descriptor);
            }
        }
        if (hasRecords) take_records(records);
    }
}
