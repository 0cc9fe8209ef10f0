#include "cupel/query/node.h"

#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::query_internal {
namespace {

using engine::ValueView;
using ::testing::ElementsAre;

NodeRef Bind(int64_t value) {
  return MakeBind(nullptr, ValueView::Int64(value));
}

NodeRef Named(absl::string_view name) {
  return MakeNode({.kind = NodeKind::kLabelName, .text = name});
}

NodeRef Pair(NodeRef left, NodeRef right, uint8_t op = 0,
             NodeKind kind = NodeKind::kBinary) {
  return MakeNode({.kind = kind, .op = op}, std::move(left), std::move(right));
}

std::vector<int64_t> BindsOf(const NodeRef& root) {
  std::vector<const Node*> binds(root->bind_count());
  CollectBinds(*root, absl::MakeSpan(binds));
  std::vector<int64_t> values;
  for (const Node* bind : binds) {
    values.push_back(bind->values()[0].int64_value());
  }
  return values;
}

TEST(NodeTest, HasTheShapeOfItsLikeWithOtherValues) {
  const auto make = [](int64_t value) {
    return Pair(Pair(Named("a"), Bind(value)), Named("b"));
  };
  EXPECT_TRUE(SameShape(*make(1), *make(2)));
  EXPECT_EQ(make(1)->hash(), make(2)->hash());
}

// What the comparison in one piece must tell apart, one part at a time.
TEST(NodeTest, DiffersByEachPartOfItsShape) {
  static constexpr engine::Type kText = engine::Text();
  static constexpr engine::Type kInteger = engine::BigInteger();
  static constexpr engine::Type kOtherText = engine::Text();
  static constexpr int kObjects[2] = {};
  const NodeParts base = {.kind = NodeKind::kLabelName,
                          .op = 1,
                          .flags = kDistinct,
                          .type = &kText,
                          .object = &kObjects[0],
                          .text = "name"};
  const NodeRef node = MakeNode(base);
  const auto differs = [&](auto change) {
    NodeParts parts = base;
    change(parts);
    const NodeRef other = MakeNode(parts);
    return !SameShape(*node, *other) && !SameShape(*other, *node) &&
           !SameShape(*Pair(Bind(1), node), *Pair(Bind(1), other));
  };
  EXPECT_FALSE(differs([](NodeParts&) {}));
  EXPECT_TRUE(
      differs([](NodeParts& parts) { parts.kind = NodeKind::kFragment; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.op = 2; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.flags = 0; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.type = &kInteger; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.type = nullptr; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.object = &kObjects[1]; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.text = "eman"; }));
  EXPECT_TRUE(differs([](NodeParts& parts) { parts.text = "names"; }));
  EXPECT_NE(&kText, &kOtherText);
}

TEST(NodeTest, DiffersByOrderAndNumberOfChildren) {
  const auto a = [] { return Named("a"); };
  const auto b = [] { return Named("b"); };
  EXPECT_FALSE(SameShape(*Pair(a(), b()), *Pair(b(), a())));
  EXPECT_FALSE(
      SameShape(*Pair(a(), b()), *MakeNode({.kind = NodeKind::kBinary}, a())));
  EXPECT_FALSE(
      SameShape(*Pair(Pair(a(), b()), a()), *Pair(a(), Pair(b(), a()))));
}

TEST(NodeTest, TellsItemsOfOneLookApart) {
  const auto alias = [] {
    return MakeNode({.kind = NodeKind::kAlias}, Named("table"));
  };
  const NodeRef first = alias();
  const NodeRef second = alias();
  const NodeRef same = Pair(first, first);
  const NodeRef different = Pair(first, second);
  EXPECT_TRUE(SameShape(*same, *Pair(second, second)));
  EXPECT_TRUE(SameShape(*different, *Pair(second, first)));
  EXPECT_TRUE(SameShape(*same, *same));
  EXPECT_FALSE(SameShape(*same, *different));
  EXPECT_FALSE(SameShape(*different, *same));
}

TEST(NodeTest, CollectsBindsInOrder) {
  EXPECT_THAT(BindsOf(Bind(1)), ElementsAre(1));
  EXPECT_THAT(BindsOf(Named("none")), ElementsAre());
  std::vector<NodeRef> children;
  children.push_back(Pair(Bind(1), Named("x")));
  children.push_back(Named("y"));
  children.push_back(Pair(Pair(Bind(2), Bind(3)), Bind(4)));
  children.push_back(Bind(5));
  EXPECT_THAT(
      BindsOf(MakeNode({.kind = NodeKind::kTuple}, absl::MakeSpan(children))),
      ElementsAre(1, 2, 3, 4, 5));
}

TEST(NodeTest, CountsAChainOfOneOperatorOnce) {
  const auto chain = [](NodeKind kind, uint8_t first, uint8_t second) {
    return Pair(Pair(Named("a"), Named("b"), first, kind), Named("c"), second,
                kind)
        ->height();
  };
  EXPECT_EQ(chain(NodeKind::kBinary, 1, 1), 2);
  EXPECT_EQ(chain(NodeKind::kBinary, 1, 2), 3);
  EXPECT_EQ(chain(NodeKind::kClause, 1, 2), 2);
  EXPECT_EQ(chain(NodeKind::kIn, 1, 1), 3);
  EXPECT_EQ(Pair(Named("a"), Pair(Named("b"), Named("c")))->height(), 3);
}

TEST(NodeTest, HandsErrorsUp) {
  const NodeRef root = Pair(
      Named("a"), Pair(MakeErrorNode(absl::OutOfRangeError("far")), Bind(1)));
  EXPECT_EQ(ErrorOf(*root), absl::OutOfRangeError("far"));
  EXPECT_TRUE(ErrorOf(*Pair(Named("a"), Bind(1))).ok());
}

TEST(NodeTest, KeepsValuesOfEachSize) {
  const std::string text(1000, 't');
  for (size_t size : {0, 1, 7, 8, 9, 400, 1000}) {
    const absl::string_view part = absl::string_view(text).substr(0, size);
    const NodeRef node = MakeBind(nullptr, ValueView::Text(part));
    EXPECT_EQ(node->values()[0].bytes(), part);
    EXPECT_EQ(node->bind_count(), 1);
  }
  EXPECT_EQ(Bind(-5)->values()[0].int64_value(), -5);
}

TEST(NodeTest, OutlivesItsReferencesWhenImmortal) {
  // Static, as what holds such an expression is: the memory stays reachable.
  static const Node* node = nullptr;
  {
    const NodeRef root = Pair(Named("left"), Named("right"));
    MakeImmortal(*root);
    MakeImmortal(*root);
    node = root.get();
    const NodeRef copy = root;
    const NodeRef below = root->children()[1];
  }
  EXPECT_EQ(node->child(0).text(), "left");
  EXPECT_EQ(node->child(1).text(), "right");
  // Their memory is not given away.
  for (int i = 0; i < 100; ++i) {
    EXPECT_NE(Named("other").get(), &node->child(1));
  }
}

TEST(NodeTest, IsFreedByAThreadThatDidNotMakeIt) {
  for (int i = 0; i < 10; ++i) {
    std::vector<NodeRef> nodes;
    for (int64_t k = 0; k < 10000; ++k) {
      nodes.push_back(Pair(Named("a"), Bind(k)));
    }
    std::thread([&nodes] { nodes.clear(); }).join();
  }
  EXPECT_THAT(BindsOf(Pair(Bind(1), Bind(2))), ElementsAre(1, 2));
}

}  // namespace
}  // namespace cupel::query_internal
