#include "cupel/query/node.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/config.h"
#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace cupel::query_internal {
namespace {

using engine::Type;
using engine::ValueKind;
using engine::ValueView;

// Node memory: blocks of a multiple of kUnit bytes; those of up to kClasses
// units are kept by the thread that frees them, at most kKept of a size.
constexpr size_t kUnit = 32;
constexpr size_t kClasses = 16;
constexpr uint32_t kKept = 4096;

// The sanitizer finds a use after free only in blocks that are really freed.
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
constexpr bool kReuseBlocks = false;
#else
constexpr bool kReuseBlocks = true;
#endif

struct FreeBlock {
  FreeBlock* next;
};

// Trivial, so that nodes of static storage can still be freed after the
// thread's own objects are gone.
struct FreeLists {
  FreeBlock* head[kClasses];
  // How many more are kept; none before the lists are known to be freed at the
  // thread's end, and none after it.
  uint32_t room[kClasses];
  bool registered;
};
constinit thread_local FreeLists free_lists = {};

struct FreeListsCloser {
  ~FreeListsCloser() {
    std::fill_n(free_lists.room, kClasses, 0);
    for (FreeBlock*& head : free_lists.head) {
      while (head != nullptr)
        ::operator delete(std::exchange(head, head->next));
    }
  }
  void Register() {
    free_lists.registered = true;
    std::fill_n(free_lists.room, kClasses, kKept);
  }
};
thread_local FreeListsCloser free_lists_closer;

ABSL_ATTRIBUTE_NOINLINE void* NewBlock(size_t size_class, size_t bytes) {
  return ::operator new(size_class < kClasses ? (size_class + 1) * kUnit
                                              : bytes);
}

inline void* AllocateBlock(size_t size_class, size_t bytes) {
  if (ABSL_PREDICT_TRUE(size_class < kClasses)) {
    FreeBlock*& head = free_lists.head[size_class];
    if (ABSL_PREDICT_TRUE(head != nullptr)) {
      ++free_lists.room[size_class];
      return std::exchange(head, head->next);
    }
  }
  return NewBlock(size_class, bytes);
}

inline void KeepBlock(void* block, size_t size_class) {
  --free_lists.room[size_class];
  free_lists.head[size_class] =
      new (block) FreeBlock{free_lists.head[size_class]};
}

ABSL_ATTRIBUTE_NOINLINE void DeleteBlock(void* block, size_t size_class) {
  if (kReuseBlocks && size_class < kClasses && !free_lists.registered) {
    free_lists_closer.Register();
    return KeepBlock(block, size_class);
  }
  ::operator delete(block);
}

inline void FreeBlockOf(void* block, size_t size_class) {
  if (ABSL_PREDICT_TRUE(size_class < kClasses &&
                        free_lists.room[size_class] != 0)) {
    return KeepBlock(block, size_class);
  }
  DeleteBlock(block, size_class);
}

inline uint64_t Mix(uint64_t hash, uint64_t value) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(hash ^ value) * 0x9ddfea08eb382d69u;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t Mix(uint64_t hash, absl::string_view text) {
  hash = Mix(hash, text.size() + 0x1b873593);
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t n = std::min<size_t>(text.size(), sizeof(word));
    std::memcpy(&word, text.data(), n);
    hash = Mix(hash, word + 0x7f4a7c15);
    text.remove_prefix(n);
  }
  return hash;
}

constexpr size_t Aligned(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

// The bytes outside the view that a copy of `value` needs.
size_t OutOfLineBytes(const ValueView& value) {
  switch (value.kind()) {
    case ValueKind::kText:
    case ValueKind::kBlob:
    case ValueKind::kJson:
      return Aligned(value.bytes().size());
    case ValueKind::kUuid:
      return Aligned(sizeof(engine::Uuid));
    case ValueKind::kDecimal:
      return Aligned(sizeof(engine::Decimal));
    default:
      return 0;
  }
}

// A view of a copy of `value` at `*to`, which moves behind the copy.
ValueView CopyValue(const ValueView& value, char** to) {
  char* const at = *to;
  *to += OutOfLineBytes(value);
  const auto copied = [&](absl::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    return absl::string_view(at, bytes.size());
  };
  switch (value.kind()) {
    case ValueKind::kText:
      return ValueView::Text(copied(value.bytes()));
    case ValueKind::kBlob:
      return ValueView::Blob(copied(value.bytes()));
    case ValueKind::kJson:
      return ValueView::Json(copied(value.bytes()));
    case ValueKind::kUuid:
      std::memcpy(at, value.bytes().data(), sizeof(engine::Uuid));
      return ValueView::UuidBytes(absl::string_view(at, 16));
    case ValueKind::kDecimal:
      static_assert(std::is_trivially_copyable_v<engine::Decimal>);
      std::memcpy(at, &value.decimal(), sizeof(engine::Decimal));
      return ValueView::Decimal(reinterpret_cast<const engine::Decimal*>(at));
    default:
      return value;
  }
}

// Sets of kinds.
constexpr uint64_t KindSet(std::initializer_list<NodeKind> kinds) {
  uint64_t set = 0;
  for (const NodeKind kind : kinds)
    set |= uint64_t{1} << static_cast<int>(kind);
  return set;
}
constexpr bool In(NodeKind kind, uint64_t set) {
  return ((set >> static_cast<int>(kind)) & 1) != 0;
}
static_assert(static_cast<int>(NodeKind::kError) < 64);

// Operators whose chains the compiler writes without parentheses and walks
// without recursion: a left operand of the same operator adds no height.
constexpr uint64_t kChains = KindSet({NodeKind::kBinary, NodeKind::kClause,
                                      NodeKind::kJoin, NodeKind::kCompound});
// Of any operator.
constexpr uint64_t kMixedChains = KindSet({NodeKind::kClause, NodeKind::kJoin});

constexpr uint16_t kInherited =
    kHoldsIdentity | kHoldsError | kHoldsBindingItem;

// Kinds that stand for themselves: two of them are two FROM items, however
// alike. An alias does if it has no name.
constexpr uint64_t kIdentities =
    KindSet({NodeKind::kSubquery, NodeKind::kCte, NodeKind::kTableFunction,
             NodeKind::kValues, NodeKind::kAlias});

// Kinds that do not just add up what is below them.
constexpr uint64_t kSpecial =
    kIdentities | KindSet({NodeKind::kCteSelf, NodeKind::kColumn});

// A statement takes in the items that its expressions refer to.
bool IsStatement(NodeKind kind) { return kind >= NodeKind::kSelect; }

bool HasIdentity(const Node& node) {
  return In(node.kind(), kIdentities) &&
         (node.kind() != NodeKind::kAlias || node.text().empty());
}

}  // namespace

// Fills in a node's header.
class NodeBuilder {
 public:
  static Node* Allocate(const NodeParts& parts, absl::Span<NodeRef> children,
                        size_t payload) {
    Node* node = NewNode(children.size(), payload + parts.text.size());
    Sum sum(parts, children.size());
    auto* slots = reinterpret_cast<NodeRef*>(node + 1);
    for (size_t i = 0; i < children.size(); ++i) {
      sum.Add(*children[i], i == 0);
      new (slots + i) NodeRef(std::move(children[i]));
    }
    sum.Finish(parts, node);
    return node;
  }

  // The same for what conditions and clauses are made of: two children and no
  // text.
  static Node* AllocatePair(const NodeParts& parts, NodeRef&& first,
                            NodeRef&& second) {
    Node* node = NewNode(2, 0);
    Sum sum(parts, 2);
    sum.Add(*first, true);
    sum.Add(*second, false);
    auto* slots = reinterpret_cast<NodeRef*>(node + 1);
    new (slots) NodeRef(std::move(first));
    new (slots + 1) NodeRef(std::move(second));
    sum.Finish(parts, node);
    return node;
  }

  static char* payload(Node* node) { return node->payload(); }

  // Text lies first in the payload.
  static void SetText(Node* node, absl::string_view text) {
    if (!text.empty()) std::memcpy(node->payload(), text.data(), text.size());
  }

  static void SetValues(Node* node, absl::Span<const ValueView> values) {
    char* at = node->payload() + Aligned(node->text_size_);
    auto* copies = reinterpret_cast<ValueView*>(at);
    at += values.size() * sizeof(ValueView);
    for (size_t i = 0; i < values.size(); ++i) {
      new (copies + i) ValueView(CopyValue(values[i], &at));
    }
    node->value_count_ = static_cast<uint32_t>(values.size());
    node->bind_count_ = 1;
  }

  // One value without bytes of its own.
  static void SetPlainValue(Node* node, const ValueView& value) {
    new (node->payload()) ValueView(value);
    node->value_count_ = 1;
    node->bind_count_ = 1;
  }

 private:
  // What a node adds up from its children.
  class Sum {
   public:
    Sum(const NodeParts& parts, size_t child_count)
        : head_{parts.kind, parts.op, parts.flags,
                static_cast<uint32_t>(child_count)},
          // Three independent products, then one chain over the children.
          hash_(Mix(
              std::bit_cast<uint64_t>(head_) * 0x2545f4914f6cdd1d +
                  reinterpret_cast<uintptr_t>(parts.type) * 0x9e3779b97f4a7c15,
              reinterpret_cast<uintptr_t>(parts.object) * 0xd6e8feb86659fd93)) {
    }

    void Add(const Node& child, bool is_first) {
      hash_ = Mix(hash_, child.hash_);
      binds_ += child.bind_count_;
      head_.flags |= child.head_.flags & kInherited;
      const bool chained =
          is_first && child.kind() == head_.kind && In(head_.kind, kChains) &&
          (child.op() == head_.op || In(head_.kind, kMixedChains));
      height_ = std::max(height_, child.height_ + (chained ? 0 : 1));
    }

    void Finish(const NodeParts& parts, Node* node) const {
      node->head_ = head_;
      node->bind_count_ = binds_;
      node->height_ = height_;
      node->text_size_ = static_cast<uint32_t>(parts.text.size());
      node->value_count_ = 0;
      node->type_ = parts.type;
      node->object_ = parts.object;
      node->hash_ = parts.text.empty() ? hash_ : Mix(hash_, parts.text);
      if (ABSL_PREDICT_FALSE(In(head_.kind, kSpecial) ||
                             (head_.flags & kHoldsBindingItem) != 0)) {
        Adjust(node);
      }
    }

   private:
    Node::Head head_;
    uint64_t hash_;
    uint32_t binds_ = 0;
    uint32_t height_ = 1;
  };

  static Node* NewNode(size_t child_count, size_t payload) {
    const size_t bytes = sizeof(Node) + child_count * sizeof(NodeRef) + payload;
    const size_t size_class = std::min((bytes - 1) / kUnit, kClasses);
    Node* node = new (AllocateBlock(size_class, bytes)) Node;
    node->size_class_ = static_cast<uint32_t>(size_class);
    return node;
  }

  static void Adjust(Node* node) {
    uint16_t& flags = node->head_.flags;
    if (node->kind() == NodeKind::kCteSelf) {
      node->bind_count_ = 0;
    } else if (node->kind() == NodeKind::kColumn) {
      if (node->bind_count_ > 0) flags |= kHoldsBindingItem;
      node->bind_count_ = 0;
    } else if (IsStatement(node->kind())) {
      flags &= ~kHoldsBindingItem;
    }
    if (HasIdentity(*node)) flags |= kHoldsIdentity;
  }
};

void Destroy(const Node* dead) {
  // A list of dead nodes, linked through hash_, in place of recursion.
  auto* node = const_cast<Node*>(dead);
  node->hash_ = 0;
  while (node != nullptr) {
    auto* next = reinterpret_cast<Node*>(static_cast<uintptr_t>(node->hash_));
    auto* slots = reinterpret_cast<NodeRef*>(node + 1);
    for (size_t i = 0; i < node->child_count(); ++i) {
      auto* child = const_cast<Node*>(slots[i].release());
      if (child->Release()) {
        child->hash_ = reinterpret_cast<uintptr_t>(next);
        next = child;
      }
    }
    FreeBlockOf(node, node->size_class_);
    node = next;
  }
}

absl::Span<const ValueView> Node::values() const {
  const char* at = payload() + Aligned(text_size_);
  return {reinterpret_cast<const ValueView*>(at), value_count_};
}

NodeRef ShareNode(const Node& node) {
  node.Retain();
  return NodeRef(&node);
}

void MakeImmortal(const Node& root) {
  absl::InlinedVector<const Node*, 16> open = {&root};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    if (node.refs_.load(std::memory_order_relaxed) >= Node::kImmortal) continue;
    // Far from either end, for counting that is under way in other threads.
    node.refs_.store(Node::kImmortal + (Node::kImmortal >> 1),
                     std::memory_order_relaxed);
    for (const NodeRef& child : node.children()) open.push_back(child.get());
  }
}

NodeRef MakeNode(const NodeParts& parts, absl::Span<NodeRef> children) {
  Node* node = NodeBuilder::Allocate(parts, children, 0);
  NodeBuilder::SetText(node, parts.text);
  return NodeRef(node);
}

NodeRef MakeNode(const NodeParts& parts, NodeRef child) {
  return MakeNode(parts, absl::MakeSpan(&child, 1));
}

NodeRef MakeNode(const NodeParts& parts, NodeRef first, NodeRef second) {
  NodeRef children[] = {std::move(first), std::move(second)};
  return MakeNode(parts, absl::MakeSpan(children));
}

NodeRef MakePair(NodeKind kind, uint8_t op, const Type* type,
                 const void* object, NodeRef&& first, NodeRef&& second) {
  return NodeRef(NodeBuilder::AllocatePair(
      {.kind = kind, .op = op, .type = type, .object = object},
      std::move(first), std::move(second)));
}

NodeRef MakeBind(const Type* type, const ValueView& value) {
  if (OutOfLineBytes(value) > 0) {
    return MakeValueNode({.kind = NodeKind::kBind, .type = type},
                         absl::MakeConstSpan(&value, 1));
  }
  Node* node = NodeBuilder::Allocate({.kind = NodeKind::kBind, .type = type},
                                     {}, sizeof(value));
  NodeBuilder::SetPlainValue(node, value);
  return NodeRef(node);
}

NodeRef MakeValueNode(const NodeParts& parts,
                      absl::Span<const ValueView> values) {
  size_t payload = Aligned(parts.text.size()) - parts.text.size() +
                   values.size() * sizeof(ValueView);
  for (const ValueView& value : values) payload += OutOfLineBytes(value);
  if (payload > (uint64_t{1} << 31)) {
    return MakeErrorNode(
        absl::ResourceExhaustedError("cupel: bound values exceed 2 GiB"));
  }
  Node* node = NodeBuilder::Allocate(parts, {}, payload);
  NodeBuilder::SetText(node, parts.text);
  NodeBuilder::SetValues(node, values);
  return NodeRef(node);
}

const Type* InternType(const Type& type) {
  static auto& mutex = *new absl::Mutex;
  static auto& types = *new absl::node_hash_set<Type>;
  const absl::MutexLock lock(&mutex);
  return &*types.insert(type).first;
}

NodeRef MakeErrorNode(const absl::Status& status) {
  return MakeNode({.kind = NodeKind::kError,
                   .op = static_cast<uint8_t>(status.code()),
                   .flags = kHoldsError,
                   .text = status.message()});
}

absl::Status ErrorOf(const Node& root) {
  const Node* node = &root;
  while (node->has(kHoldsError)) {
    if (node->kind() == NodeKind::kError) {
      return absl::Status(static_cast<absl::StatusCode>(node->op()),
                          node->text());
    }
    for (const NodeRef& child : node->children()) {
      if (!child->has(kHoldsError)) continue;
      node = child.get();
      break;
    }
  }
  return absl::OkStatus();
}

// A walk over two trees side by side.
class ShapeComparison {
 public:
  bool Same(const Node* a, const Node* b) {
    // Chains are walked, what hangs on them by recursion.
    while (true) {
      if (!SameHeader(*a, *b)) return false;
      if (ABSL_PREDICT_FALSE(a->has(kHoldsIdentity)) && HasIdentity(*a)) {
        bool known = false;
        if (!Pair(a, b, &known)) return false;
        if (known) return true;
      }
      const size_t count = a->child_count();
      if (count == 0) return true;
      const NodeRef* const of_a = a->children().data();
      const NodeRef* const of_b = b->children().data();
      for (size_t i = 1; i < count; ++i) {
        const Node* const x = of_a[i].get();
        const Node* const y = of_b[i].get();
        if (IsOne(x, y)) continue;
        if (x->child_count() == 0 ? !SameHeader(*x, *y) : !Same(x, y)) {
          return false;
        }
      }
      a = of_a->get();
      b = of_b->get();
      if (IsOne(a, b)) return true;
    }
  }

 private:
  // Whether the two are one tree, in which nothing stands for itself.
  static bool IsOne(const Node* a, const Node* b) {
    return a == b && !a->has(kHoldsIdentity);
  }

  static bool SameHeader(const Node& a, const Node& b) {
    if (std::bit_cast<uint64_t>(a.head_) != std::bit_cast<uint64_t>(b.head_) ||
        a.hash_ != b.hash_ || a.object_ != b.object_ ||
        a.text_size_ != b.text_size_) {
      return false;
    }
    if (a.type_ != b.type_ &&
        (a.type_ == nullptr || b.type_ == nullptr || *a.type_ != *b.type_)) {
      return false;
    }
    return a.text_size_ == 0 || a.text() == b.text();
  }

  // Notes that `a` stands where `b` does; false if one of them stood elsewhere
  // before. `*known`: they were a pair already.
  bool Pair(const Node* a, const Node* b, bool* known) {
    for (const auto& pair : pairs_) {
      if ((pair.first == a) != (pair.second == b)) return false;
      *known = *known || pair.first == a;
    }
    if (!*known) pairs_.emplace_back(a, b);
    return true;
  }

  // Nodes whose identity is their address.
  absl::InlinedVector<std::pair<const Node*, const Node*>, 8> pairs_;
};

bool SameShape(const Node& a, const Node& b) {
  return a.hash() == b.hash() && a.height() == b.height() &&
         ShapeComparison().Same(&a, &b);
}

size_t BytesBelow(const Node& root) {
  size_t bytes = 0;
  absl::InlinedVector<const Node*, 64> open = {&root};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    size_t values = 0;
    if (node.value_count_ > 0) {
      for (const ValueView& value : node.values()) {
        values += sizeof(value) + OutOfLineBytes(value);
      }
    }
    bytes += sizeof(Node) + node.child_count() * sizeof(NodeRef) +
             node.text_size_ + values + kUnit;
    // What columns refer to is counted where it is read.
    if (node.kind() == NodeKind::kColumn) continue;
    for (const NodeRef& child : node.children()) open.push_back(child.get());
  }
  return bytes;
}

namespace {

// Fills the binds below `root` in before `end`, last first; returns the first.
const Node** CollectBefore(const Node* node, const Node** end) {
  while (node->bind_count() != 0) {
    const size_t count = node->child_count();
    if (count == 0) {
      *--end = node;
      return end;
    }
    const NodeRef* const children = node->children().data();
    for (size_t i = count; --i > 0;) {
      end = CollectBefore(children[i].get(), end);
    }
    node = children->get();
  }
  return end;
}

}  // namespace

void CollectBinds(const Node& root, absl::Span<const Node*> binds) {
  CollectBefore(&root, binds.data() + binds.size());
}

}  // namespace cupel::query_internal
