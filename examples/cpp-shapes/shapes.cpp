// Shapes behind a common base class, in a vector: what C++ makes of virtual functions, templates and streams.
// Takes sizes as arguments: one number is a circle's radius, "3x4" a rectangle.

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

class Shape {
 public:
  virtual ~Shape() = default;
  virtual double area() const = 0;
  virtual std::string name() const = 0;
};

class Circle final : public Shape {
 public:
  explicit Circle(double radius) : radius_(radius) {}
  double area() const override { return 3.0 * radius_ * radius_; }
  std::string name() const override { return "circle, roughly"; }

 private:
  double radius_;
};

class Rectangle final : public Shape {
 public:
  Rectangle(double width, double height) : width_(width), height_(height) {}
  double area() const override { return width_ * height_; }
  std::string name() const override { return width_ == height_ ? "square" : "rectangle"; }

 private:
  double width_, height_;
};

static std::unique_ptr<Shape> parse(const char *text) {
  const char *times = std::strchr(text, 'x');
  if (times == nullptr) return std::make_unique<Circle>(std::atof(text));
  return std::make_unique<Rectangle>(std::atof(text), std::atof(times + 1));
}

static double total(const std::vector<std::unique_ptr<Shape>> &shapes) {
  double sum = 0;
  for (const auto &shape : shapes) sum += shape->area();
  return sum;
}

int main(int argc, char **argv) {
  std::vector<std::unique_ptr<Shape>> shapes;
  for (int i = 1; i < argc; i++) shapes.push_back(parse(argv[i]));
  if (shapes.empty()) {
    std::cerr << "no shapes\n";
    return 2;
  }
  for (const auto &shape : shapes) std::cout << shape->name() << ": " << shape->area() << '\n';
  std::cout << "total: " << total(shapes) << '\n';
  return 0;
}
