#include "app/serve.h"

#include "app/progress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result rc = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return rc;
}

/* Names of one folder only: letters, digits, '-', '_' and '.', ending in .html. */
static int page_name(const char *url, const char **name)
{
    *name = url[0] == '/' ? url + 1 : url;
    size_t size = strlen(*name);
    size_t plain =
        strspn(*name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return size == plain && size > 5 && (*name)[0] != '.' && strcmp(*name + size - 5, ".html") == 0;
}

struct folder {
    const char *dir, *page;
};

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version;
    (void)upload;
    (void)upload_size;
    (void)state;
    const struct folder *folder = cls;
    const char *name;
    char path[1200];
    struct stat st;
    if (strcmp(method, "GET") != 0) {
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    }
    if (strcmp(url, "/") == 0) {
        name = folder->page;
    } else if (!page_name(url, &name)) {
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
    }
    (void)snprintf(path, sizeof path, "%s/%s", folder->dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0) {
            (void)close(fd);
        }
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
    }
    struct MHD_Response *response = MHD_create_response_from_fd((uint64_t)st.st_size, fd);
    (void)MHD_add_response_header(response, "Content-Type", "text/html; charset=utf-8");
    enum MHD_Result rc = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return rc;
}

/* Best effort: without a desktop the printed address is all there is. */
static void open_browser(const char *address)
{
    if (getenv("DISPLAY") == NULL && getenv("WAYLAND_DISPLAY") == NULL) {
        return;
    }
    char program[] = "xdg-open", argument[128];
    (void)snprintf(argument, sizeof argument, "%s", address);
    char *argv[] = {program, argument, NULL};
    pid_t child;
    if (posix_spawnp(&child, program, NULL, NULL, argv, environ) == 0) {
        (void)waitpid(child, NULL, 0);
    }
}

int pl_serve_folder(const char *dir, const char *page, unsigned port, struct pl_error *err)
{
    volatile const int *stop = pl_stop_flag();
    struct sockaddr_in bind_to = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct folder folder = {dir, page};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, (uint16_t)port, NULL, NULL,
                         answer, &folder, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&bind_to,
                         MHD_OPTION_CONNECTION_LIMIT, 32u, MHD_OPTION_END);
    if (daemon == NULL) {
        return pl_error_set(err, PL_ERR_IO, "127.0.0.1:%u cannot be served: %s", port,
                            strerror(errno));
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    char address[64];
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%u/",
                   info != NULL ? (unsigned)info->port : port);
    (void)printf("serving %s  (Ctrl-C ends)\n", address);
    (void)fflush(stdout);
    open_browser(address);
    while (*stop == 0) {
        struct timespec wait = {.tv_nsec = 200000000};
        (void)nanosleep(&wait, NULL);
    }
    MHD_stop_daemon(daemon);
    return 0;
}
