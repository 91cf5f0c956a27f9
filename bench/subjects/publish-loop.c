// Publishes prepared messages with Debian's C client, libmosquitto, at QoS 1 and retained, and prints how long the broker
// took to take them all over, and the CPU time of that: PORT FILE WINDOW. The file is TOPIC '\n' LENGTH '\n' BYTES, one message after the other.
//
// Debian ships the library without its header in the base system, so that the few functions used are declared here.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct mosquitto;
int mosquitto_lib_init(void);
struct mosquitto *mosquitto_new(const char *id, bool clean_session, void *userdata);
int mosquitto_connect(struct mosquitto *mosq, const char *host, int port, int keepalive);
int mosquitto_publish(struct mosquitto *mosq, int *mid, const char *topic, int length, const void *payload, int qos, bool retain);
int mosquitto_loop_start(struct mosquitto *mosq);
int mosquitto_loop_stop(struct mosquitto *mosq, bool force);
int mosquitto_disconnect(struct mosquitto *mosq);
int mosquitto_max_inflight_messages_set(struct mosquitto *mosq, unsigned int max);
void mosquitto_publish_callback_set(struct mosquitto *mosq, void (*on_publish)(struct mosquitto *, void *, int));
void mosquitto_connect_callback_set(struct mosquitto *mosq, void (*on_connect)(struct mosquitto *, void *, int));

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long acknowledged = 0;
static bool connected = false;

static void on_connect(struct mosquitto *mosq, void *userdata, int code) {
  (void)mosq, (void)userdata;
  pthread_mutex_lock(&lock);
  connected = code == 0;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static void on_publish(struct mosquitto *mosq, void *userdata, int mid) {
  (void)mosq, (void)userdata, (void)mid;
  pthread_mutex_lock(&lock);
  acknowledged += 1;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static double now_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static double cpu_ms(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

static char *read_file(const char *path, long *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(2);
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *bytes = malloc(*size + 1);
  if (fread(bytes, 1, *size, file) != (size_t)*size) exit(2);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  long size;
  char *at = read_file(argv[2], &size);
  char *end = at + size;
  long window = atol(argv[3]);
  mosquitto_lib_init();
  struct mosquitto *mosq = mosquitto_new(NULL, true, NULL);
  mosquitto_max_inflight_messages_set(mosq, (unsigned int)window);
  mosquitto_connect_callback_set(mosq, on_connect);
  mosquitto_publish_callback_set(mosq, on_publish);
  if (mosquitto_connect(mosq, "127.0.0.1", atoi(argv[1]), 60) != 0) return 3;
  mosquitto_loop_start(mosq);
  pthread_mutex_lock(&lock);
  while (!connected) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);

  double started = now_ms();
  double used = cpu_ms();
  long published = 0;
  while (at < end) {
    char *topic = at;
    char *line = strchr(topic, '\n');
    *line = 0;
    char *payload;
    long length = strtol(line + 1, &payload, 10);
    payload += 1;
    pthread_mutex_lock(&lock);
    while (published - acknowledged >= window) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    if (mosquitto_publish(mosq, NULL, topic, (int)length, payload, 1, true) != 0) return 4;
    published += 1;
    at = payload + length;
  }
  pthread_mutex_lock(&lock);
  while (acknowledged < published) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  printf("{\"wallMs\":%.3f,\"cpuMs\":%.3f}", now_ms() - started, cpu_ms() - used);
  mosquitto_disconnect(mosq);
  mosquitto_loop_stop(mosq, false);
  return 0;
}
