// What a value costs on its way between C++ and a driver.

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "cupel/engine/codec.h"
#include "cupel/engine/decimal.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/url.h"
#include "cupel/engine/value.h"

namespace cupel::engine {
namespace {

template <typename T>
void BindObject(benchmark::State& state, T value) {
  const TypeOps& ops = TypeOpsOf<T>();
  BoundValue bound;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ops.bind(&value, &bound));
  }
}

template <typename T>
void ReadObject(benchmark::State& state, T value) {
  const TypeOps& ops = TypeOpsOf<T>();
  BoundValue bound;
  if (!ops.bind(&value, &bound).ok()) return state.SkipWithError("bind");
  for (auto _ : state) {
    benchmark::DoNotOptimize(ops.read(bound.view, &value));
  }
}

void EncodeValue(benchmark::State& state, const Codec& codec,
                 const Value& logical) {
  BoundValue storage;
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec.Encode(logical.view(), &storage));
  }
}

void DecodeValue(benchmark::State& state, const Codec& codec,
                 const Value& logical) {
  BoundValue storage;
  if (!codec.Encode(logical.view(), &storage).ok()) {
    return state.SkipWithError("encode");
  }
  BoundValue back;
  for (auto _ : state) {
    benchmark::DoNotOptimize(codec.Decode(storage.view, &back));
  }
}

const absl::Time kTime = absl::FromUnixMicros(1'767'323'045'123'456);

BENCHMARK_CAPTURE(BindObject, int64, int64_t{42});
BENCHMARK_CAPTURE(BindObject, text, std::string(40, 'x'));
BENCHMARK_CAPTURE(BindObject, time, kTime);
BENCHMARK_CAPTURE(ReadObject, int64, int64_t{42});
BENCHMARK_CAPTURE(ReadObject, text, std::string(40, 'x'));
BENCHMARK_CAPTURE(ReadObject, time, kTime);

const Value kTimestamp = Value::Timestamp(1'767'323'045'123'456);
const Value kDecimal = Value::Decimal(Decimal::FromInt64(1990, 2));

BENCHMARK_CAPTURE(EncodeValue, timestamp, TimestampAsIsoTextCodec(),
                  kTimestamp);
BENCHMARK_CAPTURE(DecodeValue, timestamp, TimestampAsIsoTextCodec(),
                  kTimestamp);
BENCHMARK_CAPTURE(EncodeValue, decimal, DecimalAsScaledIntegerCodec(2),
                  kDecimal);
BENCHMARK_CAPTURE(DecodeValue, decimal, DecimalAsScaledIntegerCodec(2),
                  kDecimal);
BENCHMARK_CAPTURE(EncodeValue, decimal_text, DecimalAsTextCodec(), kDecimal);
BENCHMARK_CAPTURE(DecodeValue, decimal_text, DecimalAsTextCodec(), kDecimal);

void ParseUrl(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        Url::Parse("server+client://user:p%40ss@host:5432/name?mode=ro&a=b"));
  }
}
BENCHMARK(ParseUrl);

void AddDecimals(benchmark::State& state) {
  Decimal sum = Decimal::FromInt64(0, 2);
  const Decimal price = Decimal::FromInt64(1990, 2);
  for (auto _ : state) benchmark::DoNotOptimize(sum = price + price);
}
BENCHMARK(AddDecimals);

}  // namespace
}  // namespace cupel::engine
