// The consumer's own engine: nothing to do with Cupel's, only named alike.

#ifndef CONSUMER_ENGINE_ENGINE_H_
#define CONSUMER_ENGINE_ENGINE_H_

namespace consumer {

inline constexpr int kCylinders = 4;

}  // namespace consumer

#endif  // CONSUMER_ENGINE_ENGINE_H_
