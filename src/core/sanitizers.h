/*
 * core/sanitizers.h: which sanitizer this build tells what it cannot see by itself: TELL_ASAN or
 * TELL_TSAN is defined, or neither. gcc says it by a macro, clang by a feature.
 */
#ifndef CORE_SANITIZERS_H
#define CORE_SANITIZERS_H

#if defined(__SANITIZE_ADDRESS__)
#define TELL_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define TELL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TELL_ASAN 1
#elif __has_feature(thread_sanitizer)
#define TELL_TSAN 1
#endif
#endif

#endif
