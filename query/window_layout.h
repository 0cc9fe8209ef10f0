// What the children of an OVER node are, in order: the function, partitions,
// sort terms, the offsets of the frame's ends. Kept in the node's object, which
// is part of its shape; offsets themselves are bound.

#ifndef CUPEL_QUERY_WINDOW_LAYOUT_H_
#define CUPEL_QUERY_WINDOW_LAYOUT_H_

#include <cstdint>

#include "cupel/query/window.h"

namespace cupel::query_internal {

struct WindowLayout {
  uint16_t partitions = 0;
  uint16_t orders = 0;
  query::Frame frame;  // without offsets

  uintptr_t ToDetail() const {
    return 1u | (static_cast<uintptr_t>(partitions) << 1) |
           (static_cast<uintptr_t>(orders) << 17) |
           (static_cast<uintptr_t>(frame.unit) << 33) |
           (static_cast<uintptr_t>(frame.start.kind) << 36) |
           (static_cast<uintptr_t>(frame.end.kind) << 39) |
           (static_cast<uintptr_t>(frame.exclude) << 42);
  }
  static WindowLayout FromDetail(uintptr_t detail) {
    WindowLayout layout;
    layout.partitions = static_cast<uint16_t>(detail >> 1);
    layout.orders = static_cast<uint16_t>(detail >> 17);
    layout.frame.unit = static_cast<query::Frame::Unit>((detail >> 33) & 7);
    layout.frame.start.kind =
        static_cast<query::FrameBound::Kind>((detail >> 36) & 7);
    layout.frame.end.kind =
        static_cast<query::FrameBound::Kind>((detail >> 39) & 7);
    layout.frame.exclude =
        static_cast<query::Frame::Exclude>((detail >> 42) & 3);
    return layout;
  }
};

}  // namespace cupel::query_internal

#endif  // CUPEL_QUERY_WINDOW_LAYOUT_H_
