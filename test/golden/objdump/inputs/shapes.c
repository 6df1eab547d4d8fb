struct point { int x; const char *name; };
enum color { RED, GREEN = 5 };
static int table[2] = {1, 2};
int add(int n) { int sum = 0; for (int i = 0; i < n; i++) { int k = table[i]; sum += k; } return sum; }
int twice(struct point *p, enum color c) { return p->x * 2 + c + add(p->x); }
