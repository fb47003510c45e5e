// The alternative design, as a rival: counters and histograms that live in C++ and are reached by
// one Node-API call a recording. Fair to it: no locks, no atomics, no allocation, bounds checked
// once. What is left is the crossing.
#include <napi.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace {

constexpr uint32_t kCounters = 16;
std::array<double, kCounters> counters{};

// increment(index, value)
void Increment(const Napi::CallbackInfo& info) {
  const uint32_t index = info[0].As<Napi::Number>().Uint32Value();
  if (index < kCounters) counters[index] += info[1].As<Napi::Number>().DoubleValue();
}

// nothing(): a crossing that does no work.
void Nothing(const Napi::CallbackInfo&) {}

// total(): all counters together.
Napi::Value Total(const Napi::CallbackInfo& info) {
  double sum = 0;
  for (const double value : counters) sum += value;
  return Napi::Number::New(info.Env(), sum);
}

// mapped(bytes): memory of ours as an ArrayBuffer, for as long as the process lives.
Napi::Value Mapped(const Napi::CallbackInfo& info) {
  const size_t bytes = info[0].As<Napi::Number>().Uint32Value();
  auto* memory = new uint64_t[bytes / 8]();
  return Napi::ArrayBuffer::New(info.Env(), memory, bytes);
}

// new Counter().inc(): one object a counter, as metrics libraries like it.
class Counter : public Napi::ObjectWrap<Counter> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Counter",
                       {InstanceMethod<&Counter::Inc>("inc"),
                        InstanceAccessor<&Counter::Value>("value")});
  }
  explicit Counter(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Counter>(info) {}

 private:
  Napi::Value Inc(const Napi::CallbackInfo& info) {
    value_ += 1;
    return info.Env().Undefined();
  }
  Napi::Value Value(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), value_); }

  double value_ = 0;
};

// new Histogram([bounds]).record(value): the same buckets as ours, by binary search.
class Histogram : public Napi::ObjectWrap<Histogram> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Histogram",
                       {InstanceMethod<&Histogram::Record>("record"),
                        InstanceAccessor<&Histogram::Count>("count")});
  }
  explicit Histogram(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Histogram>(info) {
    const auto bounds = info[0].As<Napi::Array>();
    for (uint32_t i = 0; i < bounds.Length(); ++i)
      bounds_.push_back(bounds.Get(i).As<Napi::Number>().DoubleValue());
    buckets_.resize(bounds_.size() + 1);
  }

 private:
  Napi::Value Record(const Napi::CallbackInfo& info) {
    const double value = info[0].As<Napi::Number>().DoubleValue();
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    buckets_[bucket] += 1;
    sum_ += value;
    return info.Env().Undefined();
  }
  Napi::Value Count(const Napi::CallbackInfo& info) {
    uint64_t count = 0;
    for (const uint64_t bucket : buckets_) count += bucket;
    return Napi::Number::New(info.Env(), static_cast<double>(count));
  }

  std::vector<double> bounds_;
  std::vector<uint64_t> buckets_;
  double sum_ = 0;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["increment"] = Napi::Function::New<Increment>(env, "increment");
  exports["nothing"] = Napi::Function::New<Nothing>(env, "nothing");
  exports["total"] = Napi::Function::New<Total>(env, "total");
  exports["mapped"] = Napi::Function::New<Mapped>(env, "mapped");
  exports["Counter"] = Counter::Define(env);
  exports["Histogram"] = Histogram::Define(env);
  return exports;
}

}  // namespace

NODE_API_MODULE(crossing, Init)
